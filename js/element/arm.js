// What cannot be taken back is pressed twice: the first press arms the button, and looking away disarms it.

/** Arms the button. @param {HTMLElement} button @returns {boolean} whether it was armed already, so is meant now */
export function armed(button) {
  const already = button.dataset.armed !== undefined;
  if (already) delete button.dataset.armed;
  else button.dataset.armed = "";
  return already;
}

/** Disarms the button when the focus leaves it, or by Escape. @param {HTMLElement} button @param {() => void} shown it is disarmed */
export function disarm(button, shown) {
  const off = () => {
    if (button.dataset.armed === undefined) return;
    delete button.dataset.armed;
    shown();
  };
  button.addEventListener("blur", off);
  button.addEventListener("keydown", (event) => {
    if (event.key === "Escape") off();
  });
}
