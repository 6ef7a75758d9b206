// A reporter for `node --test`: one line of JSON for each test that ended.

export default async function* lines(source) {
  for await (const { type, data } of source) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    yield `${JSON.stringify({ name: data.name, passed: type === "test:pass", skip: data.skip })}\n`;
  }
}
