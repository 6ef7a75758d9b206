/**
 * @template T
 * @typedef {object} Settlement
 * @property {Promise<T>} promise
 * @property {(value: T | PromiseLike<T>) => void} resolve
 * @property {(reason: unknown) => void} reject
 */

/**
 * A promise and what settles it: Node 20 and the browsers of 2023 have no `Promise.withResolvers`.
 * @template T
 * @returns {Settlement<T>}
 */
export function settlement() {
  /** @type {Settlement<T>["resolve"]} */
  let resolve = () => {};
  /** @type {Settlement<T>["reject"]} */
  let reject = () => {};
  /** @type {Promise<T>} */
  const promise = new Promise((...functions) => ([resolve, reject] = functions));
  return { promise, resolve, reject };
}
