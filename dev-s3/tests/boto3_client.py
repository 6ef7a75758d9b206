"""boto3 against dev-s3: run by boto3.rs with the address and a bucket."""

import hashlib
import io
import json
import os
import sys
import urllib.error
import urllib.request
import uuid

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError

URL, BUCKET = sys.argv[1:]
checks = 0


def client(retries=1, **overrides):
    settings = dict(
        endpoint_url=URL,
        region_name="us-east-1",
        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    )
    settings.update(overrides)
    config = Config(retries={"mode": "standard", "max_attempts": retries}, signature_version="s3v4")
    return boto3.client("s3", config=config, **settings)


def check(condition, what):
    global checks
    checks += 1
    assert condition, what


def refused(code, status, call):
    try:
        call()
    except ClientError as error:
        answer = error.response
        got = (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"])
        check(got == (code, status), f"{got} where {(code, status)} was due")
        return answer
    raise AssertionError(f"{code} was due")


def objects(s3):
    keys = ["a", "a/b", "a b+c/ü'%.txt", "//", "../x", "e\u0301", "z" * 1024]
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode(), Metadata={"name": "x"}, ContentType="text/x")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2})
    listed = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    check(listed == sorted(keys, key=str.encode), listed)
    pages = s3.get_paginator("list_objects").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 2})
    check([entry["Key"] for page in pages for entry in page["Contents"]] == listed, "version 1 lists the same")
    for key in keys:
        answer = s3.get_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
        body = answer["Body"].read()
        check(body == key.encode(), key)
        check(answer["ETag"] == f'"{hashlib.md5(body).hexdigest()}"', key)
        check(answer["ContentType"] == "text/x" and answer["Metadata"] == {"name": "x"}, key)
    check(s3.get_object(Bucket=BUCKET, Key="a/b", Range="bytes=1-1")["Body"].read() == b"/", "a range")
    s3.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "a b+c/ü'%.txt"})
    check(s3.get_object(Bucket=BUCKET, Key="copy")["Body"].read().decode() == "a b+c/ü'%.txt", "a copy")
    s3.put_object_tagging(Bucket=BUCKET, Key="a", Tagging={"TagSet": [{"Key": "k", "Value": "v w"}]})
    check(s3.get_object_tagging(Bucket=BUCKET, Key="a")["TagSet"] == [{"Key": "k", "Value": "v w"}], "tags")
    gone = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in keys + ["copy"]]})
    check(len(gone["Deleted"]) == len(keys) + 1 and "Errors" not in gone, gone)
    check(s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0, "all deleted")


def checksums(s3):
    for algorithm in ["CRC32", "SHA1", "SHA256"]:
        put = s3.put_object(Bucket=BUCKET, Key="sum", Body=b"hello", ChecksumAlgorithm=algorithm)
        got = s3.get_object(Bucket=BUCKET, Key="sum", ChecksumMode="ENABLED")
        name = f"Checksum{algorithm}"
        check(put[name] == got[name] and got["ChecksumType"] == "FULL_OBJECT", algorithm)
        check(got["Body"].read() == b"hello", algorithm)  # boto3 verifies it as it reads
    wrong = dict(Bucket=BUCKET, Key="sum", Body=b"hello", ChecksumSHA256="A" * 43 + "=")
    refused("BadDigest", 400, lambda: s3.put_object(**wrong))
    refused("BadDigest", 400, lambda: s3.put_object(Bucket=BUCKET, Key="sum", Body=b"x", ContentMD5="A" * 22 + "=="))


def multipart(s3):
    data = os.urandom(23 * 1024 * 1024)
    transfer = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=6 << 20)
    for extra, kind in [({}, "COMPOSITE"), ({"ChecksumAlgorithm": "SHA256"}, "COMPOSITE")]:
        s3.upload_fileobj(io.BytesIO(data), BUCKET, "big", Config=transfer, ExtraArgs=extra)
        head = s3.head_object(Bucket=BUCKET, Key="big", ChecksumMode="ENABLED")
        check(head["ETag"].endswith('-4"') and head["ContentLength"] == len(data), head)
        check(head["ChecksumType"] == kind, head)
        copy = io.BytesIO()
        s3.download_fileobj(BUCKET, "big", copy, Config=transfer)
        check(copy.getvalue() == data, "the bytes of a multipart upload")
    upload = dict(Bucket=BUCKET, Key="parts")
    upload["UploadId"] = s3.create_multipart_upload(**upload, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
    parts = [s3.upload_part(**upload, PartNumber=n, Body=b) for n, b in [(1, data[: 5 << 20]), (2, b"end")]]
    named = [
        {"PartNumber": n + 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}
        for n, part in enumerate(parts)
    ]
    listed = s3.get_paginator("list_parts").paginate(**upload, PaginationConfig={"PageSize": 1})
    check([p["ETag"] for page in listed for p in page["Parts"]] == [p["ETag"] for p in named], "parts in pages")
    swapped = [named[0], {**named[1], "ETag": named[0]["ETag"]}]
    complete = s3.complete_multipart_upload
    refused("InvalidPart", 400, lambda: complete(**upload, MultipartUpload={"Parts": swapped}))
    done = complete(**upload, MultipartUpload={"Parts": named}, IfNoneMatch="*")
    check(done["ChecksumType"] == "FULL_OBJECT", done)
    read = s3.get_object(Bucket=BUCKET, Key="parts", ChecksumMode="ENABLED")
    check(read["ChecksumCRC32"] == done["ChecksumCRC32"], "full-object checksums")
    check(read["Body"].read() == data[: 5 << 20] + b"end", "boto3 verified the combined checksum")
    other = s3.create_multipart_upload(Bucket=BUCKET, Key="other")["UploadId"]
    uploads = s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    check([u["UploadId"] for u in uploads] == [other], uploads)
    s3.abort_multipart_upload(Bucket=BUCKET, Key="other", UploadId=other)
    check("Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET), "aborted")


def signatures(s3):
    put = dict(Bucket=BUCKET, Key="k", Body=b"hello")
    refused("SignatureDoesNotMatch", 403, lambda: client(aws_secret_access_key="wrong").put_object(**put))
    refused("InvalidAccessKeyId", 403, lambda: client(aws_access_key_id="OTHER").put_object(**put))
    refused("NoSuchKey", 404, lambda: s3.get_object(Bucket=BUCKET, Key="none"))
    refused("NoSuchBucket", 404, lambda: s3.list_objects_v2(Bucket="none-of-it"))
    refused("404", 404, lambda: s3.head_object(Bucket=BUCKET, Key="none"))
    s3.put_object(**put)
    refused("PreconditionFailed", 412, lambda: s3.put_object(**put, IfNoneMatch="*"))

    url = s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "k"}, ExpiresIn=60)
    check(urllib.request.urlopen(url).read() == b"hello", "a presigned GET")
    post = s3.generate_presigned_post(
        BUCKET, "form", Fields={"Content-Type": "a/b"}, Conditions=[{"Content-Type": "a/b"}, ["content-length-range", 5, 5]]
    )
    check(submit(post, b"hello") == 204, "a form")
    check(submit(post, b"hello!") == 400, "a form that is too long")
    check(s3.get_object(Bucket=BUCKET, Key="form")["ContentType"] == "a/b", "the form's type")


def submit(post, file):
    boundary = uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in post["fields"].items()]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n')
    body = "".join(parts).encode() + file + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    try:
        return urllib.request.urlopen(urllib.request.Request(post["url"], body, kind)).status
    except urllib.error.HTTPError as error:
        return error.code


def faults():
    fault = json.dumps({"operation": "PutObject", "times": 2, "kind": "status", "status": 503, "code": "SlowDown"})
    urllib.request.urlopen(urllib.request.Request(f"{URL}/_dev/faults", fault.encode()))
    urllib.request.urlopen(urllib.request.Request(f"{URL}/_dev/requests", method="DELETE"))
    client(retries=5).put_object(Bucket=BUCKET, Key="k", Body=b"x")
    log = json.load(urllib.request.urlopen(f"{URL}/_dev/requests"))
    check([entry["status"] for entry in log] == [503, 503, 200], log)


def buckets(s3):
    s3.create_bucket(Bucket="made-by-boto3")
    s3.put_bucket_cors(
        Bucket="made-by-boto3",
        CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}]},
    )
    rules = s3.get_bucket_cors(Bucket="made-by-boto3")["CORSRules"]
    check(rules[0]["AllowedOrigins"] == ["https://a.example"], rules)
    s3.delete_bucket_cors(Bucket="made-by-boto3")
    refused("NoSuchCORSConfiguration", 404, lambda: s3.get_bucket_cors(Bucket="made-by-boto3"))
    check([b["Name"] for b in s3.list_buckets()["Buckets"]] == ["made-by-boto3", BUCKET], "buckets")
    s3.delete_bucket(Bucket="made-by-boto3")


s3 = client()
for test in [objects, checksums, multipart, signatures, buckets]:
    test(s3)
faults()
print(f"boto3 {boto3.__version__}: {checks} checks passed")
