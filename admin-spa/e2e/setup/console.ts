import {
  type Browser,
  type BrowserContext,
  type ConsoleMessage,
  chromium,
  type Page,
  type Response,
} from "playwright-core";
import { expect } from "vitest";
import { stack } from "./stack";

interface ConsoleOptions {
  scheme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Stays at the login page. */
  signedOut?: boolean;
  /** Logs in by itself, with a session that no other browser has. */
  ownSession?: boolean;
}

/** Something a page of the console must never do. */
interface Fault {
  page: string;
  what: string;
}

/** A browser at the console. Closing it fails the test when a page did what it must not. */
export interface Console extends AsyncDisposable {
  page: Page;
  context: BrowserContext;
  /** Goes to an address of the console and waits until it shows what it has. */
  open: (address: string) => Promise<void>;
  /** How often a document was loaded since the last call of `open`; a page that follows by itself loads none. */
  loads: () => number;
  /** What was seen so far; a test that provokes an error on purpose takes it out. */
  faults: Fault[];
}

let session: Awaited<ReturnType<BrowserContext["storageState"]>> | undefined;

/** What a page shows while something of it is loading or being drawn. */
export const BUSY =
  '[role="status"][aria-label="Loading…"], main .mantine-Skeleton-root, main [aria-busy="true"]';

/** Starts a browser that reaches the stack and nothing else. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: new URL("apart", import.meta.url).pathname,
    env: {
      ...process.env,
      E2E_CHROMIUM: stack.chromium,
      E2E_PORTS: [stack.url, stack.traefik].map((url) => new URL(url).port).join(" "),
    },
    // In a network of its own it is root, for whom Chromium has no sandbox.
    args: ["--no-sandbox"],
  });

/** What the browser logs of refusals of the API, which a page shows, is no fault of the console. */
const isNoise = (message: ConsoleMessage): boolean =>
  /Failed to load resource: the server responded with a status of 40[1349]/.test(message.text()) &&
  URL.parse(message.location().url)?.pathname.startsWith("/api/gateway/") === true;

/** Opens the console in a browser of its own, signed in as the owner. */
export async function openConsole(options: ConsoleOptions = {}): Promise<Console> {
  const { scheme = "light", width = 1440, height = 900, signedOut = false, ownSession = false } = options;
  const browser = await launch();
  const kept = signedOut || ownSession ? undefined : session;
  const context = await browser.newContext({
    baseURL: stack.url,
    colorScheme: scheme,
    viewport: { width, height },
    locale: "en-GB",
    ...(kept ? { storageState: kept } : {}),
  });
  const faults: Fault[] = [];
  await watch(context, faults);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  if (!signedOut && !kept) await logIn(page);
  if (!signedOut && !kept && !ownSession) session = await context.storageState();
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  return {
    page,
    context,
    faults,
    open: async (address) => {
      await goTo(page, address);
      await settled(page);
      loads = 0;
    },
    loads: () => loads,
    async [Symbol.asyncDispose]() {
      await browser.close();
      const told = faults.map(({ page: where, what }) => `${where}: ${what}`);
      expect(told.join("\n"), "what pages of the console must never do").toBe("");
    },
  };
}

/** Forgets the session that browsers share: a flow has ended it. */
export function forgetSession(): void {
  session = undefined;
}

async function watch(context: BrowserContext, faults: Fault[]): Promise<void> {
  const origin = new URL(stack.url).origin;
  await context.exposeFunction("reportPolicyViolation", (page: string, what: string) =>
    faults.push({ page, what: `content security policy: ${what}` }),
  );
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (window as never as { reportPolicyViolation: (page: string, what: string) => void })
        .reportPolicyViolation;
      report(location.pathname, `${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  const isOurs = (page: Page | null) => page?.url().startsWith(origin) ?? false;
  context.on("request", (request) => {
    const url = request.url();
    const frame = request.isNavigationRequest() ? null : request.frame().page();
    if (!isOurs(frame) || url.startsWith("data:") || url.startsWith("blob:")) return;
    if (new URL(url).origin !== origin)
      faults.push({ page: frame?.url() ?? "", what: `a request to ${url}` });
  });
  context.on("dialog", (dialog) => {
    faults.push({ page: dialog.page()?.url() ?? "", what: `a dialog: ${dialog.message()}` });
    void dialog.dismiss();
  });
  context.on("weberror", (error) =>
    faults.push({ page: error.page()?.url() ?? "", what: `an error: ${error.error().message}` }),
  );
  context.on("console", (message) => {
    const page = message.page();
    if (message.type() === "error" && isOurs(page) && !isNoise(message))
      faults.push({ page: page?.url() ?? "", what: `logged: ${message.text()}` });
  });
}

/** Logs in as the owner, at the login page or where it leads to. */
async function logIn(page: Page): Promise<void> {
  await goTo(page, "/login");
  await page.getByLabel("Email").fill(stack.email);
  await page.getByLabel("Password", { exact: true }).fill(stack.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  await settled(page);
}

/** Goes to an address; fails where nothing answers. */
export async function goTo(page: Page, address: string): Promise<Response> {
  const response = await page.goto(address);
  if (!response) throw new Error(`${address} was not loaded`);
  return response;
}

/** Waits until the page has its heading and its bar, and nothing of it is still loading or being drawn. */
export async function settled(page: Page): Promise<void> {
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction((busy) => {
    // What opens menus is drawn when the page is seen. A page that is none has no bar.
    const bar = document.querySelector("header");
    return (!bar || bar.querySelector('[aria-haspopup="menu"]')) && document.querySelector(busy) === null;
  }, BUSY);
}
