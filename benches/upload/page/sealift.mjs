// Sealift as a page gets it, all options but `integrity` as they come. Its engine is loaded before the file is chosen,
// as the peers are.

export async function prepare({ integrity }) {
  const { createUploader, init } = await import("/js/index.js");
  await init({ uploader: "/pkg/uploader/sealift_uploader_bg.wasm" });
  const uploader = createUploader({ endpoint: "/sealift", integrity });
  return (files) => Promise.all(uploader.add(files).map((upload) => upload.result));
}
