import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { stack } from "./stack";

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

/** Refusals that a page meets on its way and shows: what the browser logs of them is no fault of the console. */
const isNoise = (text: string): boolean =>
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
  if (!signedOut) await signIn(page);
  return {
    page,
    context,
    faults,
    async [Symbol.asyncDispose]() {
      await browser.close();
      expect(faults, "what pages of the console must never do").toEqual([]);
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

/** Signs in as the owner; a session of an earlier flow is used again. */
async function signIn(page: Page): Promise<void> {
  await page.goto("/");
  await page.waitForURL((url) => url.pathname !== "/");
  if (!page.url().includes("/login")) return settled(page);
  await page.getByLabel("Email").fill(stack.email);
  await page.getByLabel("Password", { exact: true }).fill(stack.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  await settled(page);
  session = await page.context().storageState();
}

/** Waits until the page has its heading and nothing of it is still loading. */
export async function settled(page: Page): Promise<void> {
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(() => document.querySelector('[role="status"][aria-label="Loading…"]') === null);
}
