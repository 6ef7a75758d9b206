"use client";

import { useEffect, useState } from "react";
import { createUploader, hashFile, presignUrl } from "sealift";
import { upload } from "../src/try-out.js";

export function Upload() {
  const [told, tell] = useState("");
  useEffect(() => {
    document.body.dataset.ready = "";
  }, []);
  const choose = async (event) => {
    try {
      tell(JSON.stringify(await upload({ createUploader, hashFile, presignUrl }, event.target.files[0])));
    } catch (error) {
      tell(JSON.stringify({ error: `${error.code} ${error.message} ${error.cause}` }));
    }
  };
  return (
    <>
      <input type="file" aria-label="File" onChange={choose} />
      <output>{told}</output>
    </>
  );
}
