// One tab at a time works on an upload; who closes or crashes lets go by itself.

const name = (/** @type {string} */ id) => `sealift ${id}`;

/** @typedef {() => unknown} Release */

/** What this page has where there are no locks (pages without TLS): tabs then know nothing of each other. @type {Set<string>} */
const here = new Set();

/**
 * @param {string} id
 * @param {object} [options]
 * @param {() => void} [options.onWait] Called once if somebody else has it.
 * @param {AbortSignal} [options.signal] Ends the wait.
 * @param {boolean} [options.wait] Whether to wait at all.
 * @returns {Promise<Release | undefined>} undefined when it was not had
 */
export async function lock(id, { onWait, signal, wait = true } = {}) {
  const locks = globalThis.navigator?.locks;
  if (!locks) {
    if (!wait && here.has(id)) return undefined;
    here.add(id);
    return () => here.delete(id);
  }
  const release = await request(locks, name(id), { ifAvailable: true });
  if (release || !wait) return release;
  onWait?.();
  return request(locks, name(id), { signal });
}

/** Which of them somebody has. @returns {Promise<(id: string) => boolean>} */
export async function lockedNow() {
  const { held = [] } = (await globalThis.navigator?.locks?.query().catch(() => undefined)) ?? {};
  const names = new Set(held.map((lock) => lock.name));
  return (id) => here.has(id) || names.has(name(id));
}

/**
 * @param {LockManager} locks
 * @param {string} lockName
 * @param {{ ifAvailable?: boolean, signal?: AbortSignal | undefined }} options
 * @returns {Promise<Release | undefined>}
 */
function request(locks, lockName, options) {
  return new Promise((resolve) => {
    const held = locks.request(lockName, /** @type {LockOptions} */ (options), (lock) => {
      if (!lock) return resolve(undefined);
      return new Promise((release) => resolve(() => release(undefined)));
    });
    // The wait was ended, or this place has no locks after all (an opaque origin): then nothing is held back.
    held.catch((error) => resolve(error?.name === "AbortError" ? undefined : () => {}));
  });
}
