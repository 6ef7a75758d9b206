export default {
  // In development. The package's own addresses of wasm and workers are followed as they are, not pre-bundled.
  optimizeDeps: { exclude: ["sealift"] },
};
