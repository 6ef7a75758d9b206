// What a page does with the package, whichever way it came: uploads a file with both digests, hashes it, signs.

export function tryOut(sealift) {
  const output = document.querySelector("output");
  document.querySelector("input").addEventListener("change", async (event) => {
    try {
      output.value = JSON.stringify(await upload(sealift, event.target.files[0]));
    } catch (error) {
      output.value = JSON.stringify({ error: `${error.code} ${error.message} ${error.cause}` });
    }
  });
  document.body.dataset.ready = "";
}

export async function upload({ createUploader, hashFile, presignUrl }, file) {
  const { key, sha256 } = await createUploader({ endpoint: new URL("/sealift", location.origin), integrity: "both" }).add(file).result;
  const { md5 } = await hashFile(file, { algorithms: ["md5"] });
  const { signature } = await presignUrl(
    { method: "GET", url: "https://examplebucket.s3.amazonaws.com/test.txt" },
    { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
    { region: "us-east-1", date: "20130524T000000Z", expiresIn: 86400 },
  );
  return { key, sha256, md5, signature };
}
