// `import "sealift/element"`: registers `<sealift-upload>`. Nothing else happens before such an element stands in a page.

import { SealiftUpload } from "./element/upload-element.js";

export { SealiftUpload };

const NAME = "sealift-upload";
// Not where a page is rendered on a server; and a second copy of this package is no reason to fail.
if (globalThis.customElements && !customElements.get(NAME)) customElements.define(NAME, SealiftUpload);
