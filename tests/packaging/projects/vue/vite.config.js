import vue from "@vitejs/plugin-vue";

export default {
  // An element of the browser's, none of Vue's components.
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith("sealift-") } } })],
};
