// What holds while uploads are under way: the page is not left by mistake, the screen does not fall asleep.

/**
 * @template T
 * @param {() => void} start Called when the first item comes,
 * @param {() => void} stop and when the last one is gone.
 * @returns {(item: T, is: boolean) => void}
 */
export function whileAny(start, stop) {
  /** @type {Set<T>} */
  const items = new Set();
  return (item, is) => {
    const before = items.size;
    if (is) items.add(item);
    else items.delete(item);
    if (!before !== !items.size) (before ? stop : start)();
  };
}

/** @param {Event} event */
function ask(event) {
  event.preventDefault();
  // What Chromium went by before its version 119.
  event.returnValue = true;
}

/**
 * Browsers ask before the page is left. Listened to only while there is something to lose: a listener alone keeps pages
 * out of the back/forward cache of some browsers. Node has nothing to listen at.
 * @returns {(item: object, is: boolean) => void}
 */
export function unloadGuard() {
  return whileAny(
    () => globalThis.addEventListener?.("beforeunload", ask),
    () => globalThis.removeEventListener?.("beforeunload", ask),
  );
}

/**
 * Keeps the screen on, where browsers can. They let go whenever the page is hidden, so it is asked for again.
 * @returns {(item: object, is: boolean) => void}
 */
export function wakeLock() {
  /** The newest request; undefined while the screen may sleep. @type {Promise<WakeLockSentinel | undefined> | undefined} */
  let asked;
  const request = () => {
    // Refused on a low battery, for one: no reason to fail anything.
    if (document.visibilityState === "visible") asked = navigator.wakeLock.request("screen").catch(() => undefined);
  };
  const release = () => {
    void asked?.then((sentinel) => sentinel?.release()).catch(() => {});
    asked = undefined;
  };
  if (typeof document === "undefined" || !navigator.wakeLock) return () => {};
  return whileAny(
    () => {
      request();
      document.addEventListener("visibilitychange", request);
    },
    () => {
      document.removeEventListener("visibilitychange", request);
      release();
    },
  );
}
