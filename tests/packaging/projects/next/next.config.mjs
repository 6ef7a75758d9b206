export default {
  // Next takes the lock file of the clone around this folder for the app's own.
  turbopack: { root: import.meta.dirname },
};
