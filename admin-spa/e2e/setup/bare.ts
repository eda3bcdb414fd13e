import type { Browser, CDPSession, Cookie } from "playwright-core";
import { launch, openConsole } from "./console";
import { stack } from "./stack";

/** Between two looks at a page or a browser. */
const PAUSE_MS = 200;
/** A browser that uses less of one processor than this is at rest. */
const REST = 0.02;

interface Answer {
  id?: number;
  result?: unknown;
  error?: { message: string };
}

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** A page of the console as a reader has it, in a browser of its own: with nothing that Playwright puts into pages. It
 * follows what scripts do, for which V8 reads them anew, and its own script runs in each page: on a slow machine that is a
 * quarter of a second that no reader waits for. */
export class BarePage implements AsyncDisposable {
  private asked = 0;
  private readonly waiting = new Map<number, Waiting>();

  private constructor(
    private readonly browser: Browser,
    private readonly root: CDPSession,
    private readonly sessionId: string,
  ) {
    root.on("Target.receivedMessageFromTarget", ({ sessionId: from, message }) => {
      const { id, result, error } = JSON.parse(message) as Answer;
      // What it tells unasked has no number.
      if (from !== sessionId || id === undefined) return;
      const one = this.waiting.get(id);
      if (one === undefined) return;
      this.waiting.delete(id);
      if (error) one.reject(new Error(error.message));
      else one.resolve(result);
    });
  }

  /** An empty page, signed in by the cookies of a session. */
  static async open(session: Cookie[]): Promise<BarePage> {
    const browser = await launch();
    const root = await browser.newBrowserCDPSession();
    // A context that Playwright has not made, so that it leaves the pages in it alone.
    const { browserContextId } = await root.send("Target.createBrowserContext");
    const cookies = session.map(({ partitionKey: _partition, ...cookie }) => cookie);
    await root.send("Storage.setCookies", { browserContextId, cookies });
    const { targetId } = await root.send("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await root.send("Target.attachToTarget", { targetId, flatten: false });
    const page = new BarePage(browser, root, sessionId);
    // A reader's browser has long started when a page is asked for; until then it takes the processors for itself.
    await atRest(root);
    await page.send("Emulation.setDeviceMetricsOverride", {
      width: 1440,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    return page;
  }

  /** Has its scripts run so many times slower. */
  async slowDown(times: number): Promise<void> {
    await this.send("Emulation.setCPUThrottlingRate", { rate: times });
  }

  /** Runs a script in each document before any of its own. */
  async begin(script: string): Promise<void> {
    await this.send("Page.enable", {});
    await this.send("Page.addScriptToEvaluateOnNewDocument", { source: script });
  }

  /** Goes to an address of the console and waits until an expression holds there. */
  async open(address: string, until: string): Promise<void> {
    const url = new URL(address, stack.url).href;
    await this.send("Page.navigate", { url });
    const there = `location.href !== "about:blank" && (${until})`;
    while (!(await this.read<boolean>(there))) {
      await pause();
    }
  }

  /** What an expression in the page is, or comes to. */
  async read<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = (await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value: Value }; exceptionDetails?: { text: string } };
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }

  private async send(method: string, params: object): Promise<unknown> {
    this.asked += 1;
    const id = this.asked;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    await this.root.send("Target.sendMessageToTarget", {
      sessionId: this.sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    return answer;
  }
}

/** Waits until a browser and all its processes have nothing to do. */
async function atRest(root: CDPSession): Promise<void> {
  const used = async () => {
    const { processInfo } = await root.send("SystemInfo.getProcessInfo");
    return processInfo.reduce((seconds, { cpuTime }) => seconds + cpuTime, 0);
  };
  for (let before = await used(); ; ) {
    await pause();
    const now = await used();
    // One that has ended takes its time with it.
    if (Math.abs(now - before) < (REST * PAUSE_MS) / 1_000) return;
    before = now;
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** The cookies of the session that browsers share. */
export async function sessionCookies(): Promise<Cookie[]> {
  await using console = await openConsole();
  // Before the browser is closed.
  return await console.context.cookies();
}
