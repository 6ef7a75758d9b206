export default {
  mode: "production",
  entry: "./src/main.js",
  output: { clean: true },
  // The wasm of the signing functions is above the size that webpack warns of; it is loaded when one is called.
  performance: { maxAssetSize: 320 * 1024 },
};
