/**
 * The module worker that hashes for uploads. It is started by the package; an entry point of its own, so that tools which
 * do not follow `new Worker(new URL(…))` can be told to build it.
 * @module
 */
export {};
