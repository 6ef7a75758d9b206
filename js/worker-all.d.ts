/**
 * The module worker that computes every digest of `hashFile`. As `sealift/worker`, it is started by the package itself.
 * @module
 */
export {};
