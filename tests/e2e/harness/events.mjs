// What a client in a page has told of, by its fixture.

/** Waits until an event came so often, and answers the last one. */
export async function happens(page, server, event, count = 1) {
  try {
    const wanted = ([name, least]) => globalThis.events.filter((told) => told.event === name).length >= least;
    await page.waitForFunction(wanted, [event, count], { timeout: 45_000 });
  } catch (error) {
    const told = await page.evaluate(() => JSON.stringify(globalThis.events?.slice(-20)));
    throw new Error(`no "${event}" but ${told}\n${page.complaints.join("\n")}\n${server.log.slice(-2000)}`, { cause: error });
  }
  return page.evaluate((name) => globalThis.events.filter((told) => told.event === name).at(-1), event);
}
