import { type Browser, type BrowserContext, chromium, type Page, type Response } from "playwright-core";
import { expect } from "vitest";
import { stack, until } from "./stack";

interface ConsoleOptions {
  scheme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Stays at the login page. */
  signedOut?: boolean;
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
  /** What was seen so far; a test that provokes an error on purpose takes it out. */
  faults: Fault[];
}

let session: Awaited<ReturnType<BrowserContext["storageState"]>> | undefined;

const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: stack.chromium,
    // Chromium has no sandbox for root, who runs this in containers.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });

/** What Chromium says to every open request when an interface comes or goes, as Docker's do with each tenant. */
const NETWORK_CHANGED = "ERR_NETWORK_CHANGED";

/** What the browser logs of refusals that a page shows, and of requests that it tries again, is no fault of the console. */
const isNoise = (text: string): boolean =>
  text.includes(NETWORK_CHANGED) ||
  /Failed to load resource: the server responded with a status of 40[139]/.test(text);

/** Opens the console in a browser of its own, signed in as the owner. */
export async function openConsole(options: ConsoleOptions = {}): Promise<Console> {
  const { scheme = "light", width = 1440, height = 900, signedOut = false } = options;
  const browser = await launch();
  const context = await browser.newContext({
    baseURL: stack.url,
    colorScheme: scheme,
    viewport: { width, height },
    locale: "en-GB",
    ...(session && !signedOut ? { storageState: session } : {}),
  });
  const faults: Fault[] = [];
  await watch(context, faults);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  if (!signedOut && !session) await signIn(page);
  return {
    page,
    context,
    faults,
    open: (address) => open(page, address),
    async [Symbol.asyncDispose]() {
      await browser.close();
      const told = faults.map(({ page: where, what }) => `${where}: ${what}`);
      expect(told.join("\n"), "what pages of the console must never do").toBe("");
    },
  };
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
  // Files go by this process: pages are loaded while Docker makes networks, and Chromium would drop them then.
  await context.route("**/assets/**", async (route) => route.fulfill({ response: await route.fetch() }));
  const isOurs = (page: Page | null) => page?.url().startsWith(origin) ?? false;
  context.on("request", (request) => {
    const url = request.url();
    const frame = request.isNavigationRequest() ? null : request.frame().page();
    if (!isOurs(frame) || url.startsWith("data:") || url.startsWith("blob:")) return;
    if (new URL(url).origin !== origin)
      faults.push({ page: frame?.url() ?? "", what: `a request to ${url}` });
  });
  context.on("weberror", (error) =>
    faults.push({ page: error.page()?.url() ?? "", what: `an error: ${error.error().message}` }),
  );
  context.on("console", (message) => {
    const page = message.page();
    if (message.type() === "error" && isOurs(page) && !isNoise(message.text()))
      faults.push({ page: page?.url() ?? "", what: `logged: ${message.text()}` });
  });
}

/** Signs in as the owner, once: the flows that follow take over the session. */
async function signIn(page: Page): Promise<void> {
  await goTo(page, "/login");
  await page.getByLabel("Email").fill(stack.email);
  await page.getByLabel("Password", { exact: true }).fill(stack.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  await settled(page);
  session = await page.context().storageState();
}

async function open(page: Page, address: string): Promise<void> {
  await goTo(page, address);
  await settled(page);
}

/** Goes to an address; again where the machine's networks changed in that moment. */
export function goTo(page: Page, address: string): Promise<Response> {
  return until(`${address} is loaded`, async () => {
    try {
      return await page.goto(address);
    } catch (error) {
      if (error instanceof Error && error.message.includes(NETWORK_CHANGED)) return undefined;
      throw error;
    }
  });
}

/** Waits until the page has its heading and nothing of it is still loading. */
async function settled(page: Page): Promise<void> {
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(() => document.querySelector('[role="status"][aria-label="Loading…"]') === null);
}
