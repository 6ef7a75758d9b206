// A word in localStorage while something may be stored, so that pages that left nothing unfinished open no database.

const KEY = "sealift";

/** @returns {boolean | undefined} undefined where that cannot be known */
export function isMarked() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return undefined;
  }
}

/** @param {boolean} marked */
export function mark(marked) {
  try {
    if (marked) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // Then it is looked up each time.
  }
}
