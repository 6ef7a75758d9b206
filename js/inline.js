// What `import … from "sealift/inline"` gives: the package with its wasm and its worker inside the JavaScript, for tools
// that leave addresses beside a module alone.

import "./inline/upload.js";
import "./inline/signing.js";

export * from "./index.js";
