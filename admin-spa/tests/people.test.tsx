import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { keyState } from "../src/keys/api";
import { endOf } from "../src/keys/EndChoice";
import { renderConsole } from "./render";
import { apiKey, auditEntry, user as person } from "./samples";
import { me, problem, server } from "./server";

const empty = { items: [], next_cursor: null };

test("where no mail is sent, an invite's link is shown once", async () => {
  server.use(
    http.get("*/api/gateway/users", () => HttpResponse.json({ items: [person()], next_cursor: null })),
    http.post("*/api/gateway/users", async ({ request }) => {
      expect(await request.json()).toEqual({ email: "jo@example.com", role: "operator" });
      return HttpResponse.json(
        {
          user: person({ email: "jo@example.com", state: "invited" }),
          link: { sent: false, url: "https://console/invite#abc", expires_at: "2099-01-01T00:00:00Z" },
        },
        { status: 201 },
      );
    }),
  );
  renderConsole("/users");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Invite somebody" }));
  const dialog = await screen.findByRole("dialog", { name: "Invite somebody" });
  await user.type(within(dialog).getByLabelText("Email"), "jo@example.com");
  await user.click(within(dialog).getByRole("radio", { name: "operator" }));
  await user.click(within(dialog).getByRole("button", { name: "Invite" }));
  expect(await screen.findByText("https://console/invite#abc")).toBeInTheDocument();
});

test("why the last owner stays one is explained", async () => {
  server.use(
    http.get("*/api/gateway/users/:id", () => HttpResponse.json(person())),
    http.get("*/api/gateway/users/:id/sessions", () => HttpResponse.json(empty)),
    http.patch("*/api/gateway/users/:id", () =>
      problem(409, { title: "Last owner", code: "last_owner", detail: "It is the last owner." }),
    ),
  );
  renderConsole("/users/olga@example.com");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("radio", { name: "viewer" }));
  await user.click(screen.getByRole("button", { name: "Make viewer" }));
  expect(await screen.findByText(/Make somebody else an owner first/)).toBeInTheDocument();
});

test("a key ends unless somebody says never, and is shown once with its line", async () => {
  const asked: Record<string, unknown>[] = [];
  server.use(
    http.post("*/api/gateway/api-keys", async ({ request }) => {
      asked.push((await request.json()) as Record<string, unknown>);
      return HttpResponse.json({ key: "gwk_secret", api_key: apiKey({ name: "billing" }) }, { status: 201 });
    }),
    http.get("*/api/gateway/api-keys/:id", () => HttpResponse.json(apiKey({ name: "billing" }))),
  );
  const router = renderConsole("/keys/new");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Make the key" }));
  expect(await screen.findByText("Enter a name.")).toBeInTheDocument();
  expect(screen.getByText("Choose at least one.")).toBeInTheDocument();
  await user.type(screen.getByLabelText("Name"), "billing");
  await user.click(screen.getByRole("checkbox", { name: /See tenants/ }));
  await user.click(screen.getByRole("button", { name: "Make the key" }));
  expect(await screen.findByText("gwk_secret")).toBeInTheDocument();
  expect(screen.getByText(/^export GATEWAY_URL=.* GATEWAY_API_KEY=gwk_secret$/)).toBeInTheDocument();
  const ends = Date.parse(String(asked[0]?.expires_at)) - Date.now();
  expect(ends / 86_400_000).toBeCloseTo(90, 1);
  expect(asked[0]).toMatchObject({ name: "billing", scopes: ["tenants:read"] });
  await user.click(screen.getByLabelText("I have copied it"));
  await user.click(screen.getByRole("button", { name: "Done" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/keys/4fVq8ZkT0aBc"));
  expect(screen.queryByText("gwk_secret")).not.toBeInTheDocument();
});

test("a key is limited to tenants named by their keys, and unknown ones are named", async () => {
  const asked: Record<string, unknown>[] = [];
  server.use(
    http.get("*/api/gateway/tenants/:key", ({ params: { key } }) =>
      key === "acme" ? HttpResponse.json({ id: "id-of-acme" }) : problem(404, { title: "No such tenant" }),
    ),
    http.post("*/api/gateway/api-keys", async ({ request }) => {
      asked.push((await request.json()) as Record<string, unknown>);
      return HttpResponse.json({ key: "gwk_secret", api_key: apiKey() }, { status: 201 });
    }),
  );
  renderConsole("/keys/new");
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("Name"), "app");
  await user.click(screen.getByRole("checkbox", { name: /See tenants/ }));
  await user.click(screen.getByRole("radio", { name: "Some tenants" }));
  const tenants = screen.getByLabelText("Keys or ids of tenants");
  await user.type(tenants, "acme, nobody");
  await user.click(screen.getByRole("button", { name: "Make the key" }));
  expect(await screen.findByText("There is no tenant “nobody”.")).toBeInTheDocument();
  await user.clear(tenants);
  await user.type(tenants, "acme");
  await user.click(screen.getByRole("button", { name: "Make the key" }));
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(asked[0]).toMatchObject({ tenants: ["id-of-acme"] });
});

test.each([
  [{}, "works"],
  [{ last_used_at: "2025-01-01T00:00:00Z" }, "unused"],
  [{ created_at: "2025-01-01T00:00:00Z", last_used_at: null }, "unused"],
  [{ expires_at: "2026-01-01T00:00:00Z" }, "over"],
  [{ revoked_at: "2026-01-01T00:00:00Z", expires_at: "2026-01-01T00:00:00Z" }, "revoked"],
] as const)("a key with %o %s", (fields, state) => {
  expect(keyState(apiKey(fields), Date.parse("2026-01-03T00:00:00Z"))).toBe(state);
});

test("a key that never ends has no end", () => {
  expect(endOf("never", 0)).toBeUndefined();
  expect(endOf("30", 0)).toBe("1970-01-31T00:00:00.000Z");
});

test("the audit log narrows to an actor in the address and shows what changed", async () => {
  const asked: string[] = [];
  server.use(
    http.get("*/api/gateway/audit", ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("actor") ?? "");
      return HttpResponse.json({ items: [auditEntry()], next_cursor: null });
    }),
  );
  const router = renderConsole("/audit");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: /Details of entry 7/ }));
  const diff = screen.getByRole("table", { name: "What changed" });
  expect(within(diff).getByRole("row", { name: /company_name/ })).toHaveTextContent(
    "company_nameAcmeAcme Ltd",
  );
  await user.click(screen.getByRole("button", { name: "user:olga@example.com" }));
  await waitFor(() => expect(asked.at(-1)).toBe("user:olga@example.com"));
  expect(router.state.location.search).toEqual({ actor: "user:olga@example.com" });
  expect(await screen.findByText("Who: user:olga@example.com")).toBeInTheDocument();
});

test("the second factor is turned on with a code drawn here, and its codes are shown once", async () => {
  let enabled = false;
  server.use(
    http.get("*/api/gateway/me", () => HttpResponse.json({ ...me, totp_enabled: enabled })),
    http.get("*/api/gateway/sessions", () => HttpResponse.json(empty)),
    http.get("*/api/gateway/users/:id", () => HttpResponse.json(person())),
    http.post("*/api/gateway/me/totp", () =>
      HttpResponse.json({ secret: "JBSWY3DP", otpauth_url: "otpauth://totp/Gateway:olga?secret=JBSWY3DP" }),
    ),
    http.post("*/api/gateway/me/totp/confirm", () => {
      enabled = true;
      return HttpResponse.json({ recovery_codes: ["code-one", "code-two"] });
    }),
  );
  renderConsole("/account");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Turn on…" }));
  await user.type(await screen.findByLabelText("Your password"), "right");
  await user.click(screen.getByRole("button", { name: "Next" }));
  const code = await screen.findByRole("img", { name: /QR code/ });
  expect(code.querySelector("path")?.getAttribute("d")).toMatch(/^M\d+ \d+h1v1h-1z/);
  expect(screen.getByText("JBSWY3DP")).toBeInTheDocument();
  await user.type(screen.getByLabelText("First code"), "123456");
  await user.click(screen.getByRole("button", { name: "Turn on" }));
  expect(await screen.findByText(/code-one\s+code-two/)).toBeInTheDocument();
  expect(screen.queryByText("JBSWY3DP")).not.toBeInTheDocument();
  expect(await screen.findByText("On")).toBeInTheDocument();
});
