// Reads of files that may never end, as on a network drive that is gone.

/** How long one read may take before it is given up and done another way. */
export const PATIENCE_MS = 15_000;

/**
 * @template T
 * @param {number} patience
 * @param {Promise<T>} read
 * @returns {Promise<T>}
 */
export function within(patience, read) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new DOMException("A read of the file never ended.", "TimeoutError")),
      patience,
    );
    read.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
