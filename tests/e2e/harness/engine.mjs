// Which browser the tests are run in.

const ENGINES = ["chromium", "firefox", "webkit"];

export const ENGINE = process.env.SEALIFT_BROWSER ?? "chromium";
if (!ENGINES.includes(ENGINE)) throw new Error(`SEALIFT_BROWSER is "${ENGINE}": there are ${ENGINES.join(", ")}.`);

/** Whether pages need a script of the tests' own, for what their driver does not tell. */
export const needsWitness = ENGINE !== "chromium";

/**
 * What `test` takes as `skip`: the reason why something is not tried in this browser, or false where it is.
 * @param {string} reason
 */
export const onlyChromium = (reason) => (ENGINE === "chromium" ? false : reason);
