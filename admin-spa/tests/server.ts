import { delay, HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import type { Me } from "../src/api/types";

export const me: Me = {
  kind: "user",
  name: "Olga",
  email: "olga@example.com",
  role: "owner",
  totp_enabled: false,
  scopes: ["*"],
  tenants: null,
  pools: null,
};

/** Answers what every page asks for; a test adds what its page needs. */
export const server = setupServer(
  http.get("*/version", () =>
    HttpResponse.json({
      name: "gateway",
      version: "1.2.3",
      commit: null,
      built_at: null,
      environment: "production",
    }),
  ),
  http.get("*/api/gateway/me", () => HttpResponse.json(me)),
  http.get("*/api/gateway/me/views", () => HttpResponse.json({ items: [], next_cursor: null })),
  http.get("*/api/gateway/steps", () => HttpResponse.json({ items: [] })),
  http.get("*/api/gateway/events", () => HttpResponse.json({ items: [], next_cursor: "0", end: "0" })),
  // No news: the stream stays open until the page goes.
  http.get("*/api/gateway/events/stream", async () => {
    await delay("infinite");
    return new HttpResponse(null);
  }),
);

/** A refusal as the server words it. */
export const problem = (status: number, fields: Record<string, unknown>) =>
  HttpResponse.json(
    { type: "/problems/test", status, code: "test", instance: "request-1", ...fields },
    { status, headers: { "content-type": "application/problem+json" } },
  );
