// What the bench calls in the page: a contender is prepared, then uploads the files of the page's input.
import { prepare } from "contender";

let upload;

globalThis.bench = {
  async prepare(setup) {
    upload = await prepare(setup);
  },

  /** Milliseconds until everything is stored, and the main thread's tasks of more than 50 ms, in milliseconds. */
  async run() {
    const { files } = document.querySelector("input");
    const longTasks = [];
    const note = (entries) => longTasks.push(...entries.map(({ duration }) => duration));
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ type: "longtask" });
    const start = performance.now();
    await upload([...files]);
    const time = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 50));
    note(observer.takeRecords());
    return { time, longTasks };
  },
};
