// The commands of WebDriver that the tests use, by their names here, in Marionette and over HTTP; and a browser's session.

const COMMANDS = {
  navigate: ["WebDriver:Navigate", "POST", "/url"],
  refresh: ["WebDriver:Refresh", "POST", "/refresh"],
  run: ["WebDriver:ExecuteAsyncScript", "POST", "/execute/async"],
  read: ["WebDriver:ExecuteScript", "POST", "/execute/sync"],
  click: ["WebDriver:ElementClick", "POST", "/element/{id}/click"],
  type: ["WebDriver:ElementSendKeys", "POST", "/element/{id}/value"],
  handles: ["WebDriver:GetWindowHandles", "GET", "/window/handles"],
  switchTo: ["WebDriver:SwitchToWindow", "POST", "/window"],
  open: ["WebDriver:NewWindow", "POST", "/window/new"],
  close: ["WebDriver:CloseWindow", "DELETE", "/window"],
  act: ["WebDriver:PerformActions", "POST", "/actions"],
  resize: ["WebDriver:SetWindowRect", "POST", "/window/rect"],
};

/** One browser's session: commands go one after the other, each in the tab it is meant for. */
export class Session {
  /** @param {{ call(marionette: string, method: string, path: string, parameters: object): Promise<any> }} transport */
  constructor(transport) {
    this.transport = transport;
    this.tab = undefined;
    this.queue = Promise.resolve();
  }

  /** A command in a tab; without one, where the session is. */
  send(tab, name, parameters = {}) {
    return this.inTurn(async () => {
      if (tab !== undefined && tab !== this.tab) {
        await this.call("switchTo", { handle: tab });
        this.tab = tab;
      }
      return this.call(name, parameters);
    });
  }

  /** Nothing else is sent before the work's end. */
  inTurn(work) {
    const done = this.queue.then(work);
    this.queue = done.catch(() => {});
    return done;
  }

  call(name, parameters = {}) {
    const [marionette, method, path] = COMMANDS[name];
    return this.transport.call(marionette, method, path.replace("{id}", parameters.id), parameters);
  }
}

/** What a driver refused; `code` as WebDriver names it. */
export class DriverError extends Error {
  constructor({ error, message }) {
    super(`${error}: ${message}`);
    this.code = error;
  }
}

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
export const idOf = (element) => element?.[ELEMENT];
