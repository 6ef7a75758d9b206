"""Lists and reads a bucket with boto3 and prints what it found as JSON: read_bucket.py ENDPOINT BUCKET REGION."""

import hashlib
import json
import sys

import boto3
from botocore.config import Config


def main(endpoint: str, bucket: str, region: str) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    found = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 20}):
        for listed in page.get("Contents", []):
            answer = s3.get_object(Bucket=bucket, Key=listed["Key"], ChecksumMode="ENABLED")
            body = answer["Body"].read()
            found.append(
                {
                    "key": listed["Key"],
                    "listedSize": listed["Size"],
                    "etag": answer["ETag"],
                    "listedEtag": listed["ETag"],
                    "size": len(body),
                    "sha256": hashlib.sha256(body).hexdigest(),
                    "type": answer["ContentType"],
                    "metadata": answer["Metadata"],
                }
            )
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
