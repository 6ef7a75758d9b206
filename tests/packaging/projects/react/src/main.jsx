import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import "sealift/element";

function App() {
  const [told, tell] = useState("");
  useEffect(() => {
    document.body.dataset.ready = "";
  }, []);
  const done = ({ detail: { upload } }) => tell(JSON.stringify({ key: upload.object.key, sha256: upload.object.sha256 }));
  return (
    <form>
      <sealift-upload endpoint="/sealift" name="attachments" multiple onsealift-done={done} />
      <output>{told}</output>
    </form>
  );
}

createRoot(document.getElementById("app")).render(<App />);
