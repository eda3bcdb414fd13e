import { screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { pool } from "./fleetSamples";
import { renderConsole } from "./render";
import { problem, server } from "./server";

/** The list looks again by itself after ten seconds. */
const SOON = { timeout: 5_000 };

const happened = 'id: 42\nevent: pool.changed\ndata: {"id":42,"kind":"pool.changed"}\n\n';

let told: string;
let reads: number;
let asked: (string | null)[];
/** Lets the stream open, and the first reading be answered. */
let openStream: () => void;
let answer: () => void;

beforeEach(() => {
  told = ": here\n\n";
  reads = 0;
  asked = [];
  const opened = new Promise<void>((resolve) => {
    openStream = resolve;
  });
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const none = () => HttpResponse.json({ items: [], next_cursor: null });
  server.use(
    http.get("*/api/gateway/events", () => HttpResponse.json({ items: [], next_cursor: "1", end: "41" })),
    http.get("*/api/gateway/pools", async () => {
      reads += 1;
      await answered;
      return HttpResponse.json({ items: [pool()], next_cursor: null });
    }),
    http.get("*/api/gateway/events/stream", async ({ request }) => {
      asked.push(request.headers.get("last-event-id"));
      await opened;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(told)),
      });
      return new HttpResponse(body, { headers: { "content-type": "text/event-stream" } });
    }),
    http.get("*/api/gateway/database-servers", none),
    http.get("*/api/gateway/plans", none),
  );
});

/** Opens the list of pools; gives what the console holds of it. */
async function openPools() {
  const { queries } = renderConsole("/pools").options.context;
  await waitFor(() => expect([reads, asked.length]).toEqual([1, 1]));
  const held = queries.getQueryCache().findAll({ queryKey: ["pools"], type: "active" });
  return { isRead: () => held.every(({ state }) => state.fetchStatus === "idle"), held };
}

const isLive = () => screen.findByRole("button", { name: /^Live/ });

test("the stream goes on where events ended before the page was read, which is read once", async () => {
  const { isRead } = await openPools();
  answer();
  await waitFor(() => expect(isRead()).toBe(true));
  openStream();
  await isLive();
  // What is read again when the stream opens is under way by now, or over.
  expect(isRead()).toBe(true);
  expect([reads, asked]).toEqual([1, ["41"]]);
});

test("what happens while the page is read for the first time is read again", async () => {
  told = happened;
  const { held } = await openPools();
  openStream();
  await isLive();
  await waitFor(() => expect(held.some(({ state }) => state.isInvalidated)).toBe(true));
  expect(reads).toBe(1);
  answer();
  await waitFor(() => expect(reads).toBe(2), SOON);
});

test("where the end is not known, everything is read again when the stream opens", async () => {
  server.use(http.get("*/api/gateway/events", () => problem(403, { title: "No" })));
  await openPools();
  openStream();
  await isLive();
  answer();
  await waitFor(() => expect(reads).toBe(2), SOON);
  expect(asked).toEqual([null]);
});
