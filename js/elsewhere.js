// What does not come from beside the package's JavaScript: empty, unless `sealift/inline` is imported (js/inline/).

/** @type {{ uploader?: () => BufferSource, signing?: () => BufferSource, hash?: () => BufferSource, worker?: () => Worker }} */
export const elsewhere = {};
