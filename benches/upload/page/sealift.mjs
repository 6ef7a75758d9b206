// Sealift as a page gets it, all options but `integrity` as they come. It gets ready before the file is chosen: its engine is
// loaded, as the peers are, and the connection to the bucket is opened, which they do not offer.

export async function prepare({ integrity }) {
  const { createUploader, init } = await import("/js/index.js");
  await init({ uploader: "/pkg/uploader/sealift_uploader_bg.wasm" });
  const uploader = createUploader({ endpoint: "/sealift", integrity });
  uploader.prepare();
  return (files) => Promise.all(uploader.add(files).map((upload) => upload.result));
}
