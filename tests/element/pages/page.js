import "/js/element.js";

/** Puts an element into the page's form; what it fires is kept in `fired`. */
globalThis.put = (attributes = {}) => {
  const element = document.createElement("sealift-upload");
  for (const [name, value] of Object.entries({ endpoint: "/sealift", ...attributes })) element.setAttribute(name, value);
  globalThis.fired = [];
  for (const type of ["add", "statechange", "done", "error", "refused", "remove"]) {
    element.addEventListener(`sealift-${type}`, ({ detail }) => globalThis.fired.push([type, detail.upload?.name ?? detail.refused?.map(({ name, code }) => `${name} ${code}`).join() ?? detail.files.length]));
  }
  document.querySelector("#send").before(element);
  globalThis.element = element;
};
globalThis.ready = true;
