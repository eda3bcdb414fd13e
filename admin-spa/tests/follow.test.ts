import { HttpResponse, http } from "msw";
import { afterEach, expect, test, vi } from "vitest";
import type { GatewayEvent } from "../src/api/types";
import { followEvents, type StreamState } from "../src/live/follow";
import { problem, server } from "./server";

const frame = (id: number) =>
  `id: ${id}\nevent: tenant.created\ndata: ${JSON.stringify({ id, kind: "tenant.created" })}\n\n`;

/** A stream that says some events; it breaks off then, or stays open. */
function stream(ids: readonly number[], stays: boolean): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(ids.map(frame).join("")));
      if (!stays) controller.close();
    },
  });
  return new HttpResponse(body, { headers: { "content-type": "text/event-stream" } });
}

const running = new Set<AbortController>();
afterEach(() => {
  for (const one of running) one.abort();
  running.clear();
});

/** Follows what the answers give, one for each connection, and notes what was told. */
function follow(answers: readonly (() => Response)[], after?: string) {
  const stopped = new AbortController();
  const told = {
    events: [] as number[],
    states: [] as StreamState[],
    gaps: 0,
    asked: [] as (string | null)[],
  };
  server.use(
    http.get("*/api/gateway/events/stream", ({ request }) => {
      told.asked.push(request.headers.get("last-event-id"));
      return answers[Math.min(told.asked.length, answers.length) - 1]?.() ?? problem(503, { title: "Away" });
    }),
  );
  const ended = followEvents({
    after,
    signal: stopped.signal,
    onEvent: (event: GatewayEvent) => told.events.push(event.id),
    onState: (state) => told.states.push(state),
    onGap: () => {
      told.gaps += 1;
    },
  });
  running.add(stopped);
  return { told, ended };
}

test("a broken stream goes on behind the last event, without reading everything again", async () => {
  const { told } = follow([() => stream([4, 5], false), () => stream([6], true)]);
  await vi.waitFor(() => expect(told.events).toEqual([4, 5, 6]), { timeout: 10_000 });
  expect(told.asked).toEqual([null, "5"]);
  expect(told.states).toEqual(["connecting", "live", "reconnecting", "live"]);
  expect(told.gaps).toBe(1);
});

test("what is no longer kept is a gap: everything is read again, from the end on", async () => {
  const { told } = follow(
    [() => problem(410, { title: "Gone", code: "events_gone" }), () => stream([90], true)],
    "7",
  );
  await vi.waitFor(() => expect(told.events).toEqual([90]), { timeout: 10_000 });
  expect(told.asked).toEqual(["7", null]);
  expect(told.gaps).toBe(1);
});

test("who may not follow events is not tried again", async () => {
  const { told, ended } = follow([() => problem(403, { title: "No", code: "missing_scope" })]);
  await ended;
  expect(told.states).toEqual(["connecting", "refused"]);
  expect(told.asked).toHaveLength(1);
});
