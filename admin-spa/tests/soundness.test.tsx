import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { drift, job } from "./fleetSamples";
import { renderConsole } from "./render";
import { server } from "./server";

const AT = "2026-01-02T03:04:05Z";
const look = { looked_at: AT, since: AT, tenants: 7, orphans: 2, refused: null, unknown: [] };

test("drift is repaired for the chosen tenants, and the look that does it is followed to its end", async () => {
  const asked: unknown[] = [];
  let state: "running" | "succeeded" = "running";
  server.use(
    http.get("*/api/gateway/drift", () =>
      HttpResponse.json({
        items: [
          drift(),
          drift({ kind: "role_missing", what: "the role <b>app</b> is gone" }),
          drift({ tenant_id: "2", tenant_key: "globex" }),
        ],
        next_cursor: null,
        look,
      }),
    ),
    http.post("*/api/gateway/drift/repair", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json(job(), { status: 202 });
    }),
    http.get("*/api/gateway/jobs/*", () => {
      const report = { tenants: 7, drift: [], orphans: [], refused: null, unknown: [] };
      return HttpResponse.json(
        job({
          state,
          worker: "w1",
          started_at: AT,
          ...(state === "succeeded" ? { ended_at: AT, result: report as never } : {}),
        }),
      );
    }),
  );
  const user = userEvent.setup();
  const router = renderConsole("/drift");
  expect(await screen.findByText("the role <b>app</b> is gone")).toBeInTheDocument();
  const [first, second] = screen.getAllByRole("checkbox", { name: "Select acme" });
  if (!first || !second) throw new Error("each row has a checkbox");
  await user.click(first);
  await user.click(second);
  await user.click(screen.getByRole("button", { name: "Repair 1 tenant" }));
  expect(await screen.findByText("The worker w1 is at it.")).toBeInTheDocument();
  expect(asked).toEqual([{ tenants: ["acme"] }]);
  expect(router.state.location.search).toMatchObject({ job: job().id });
  state = "succeeded";
  expect(await screen.findByText("Nothing differs from the tenants’ rows.")).toBeInTheDocument();
});

test("everything is repaired only after it was said what that does", async () => {
  const asked: unknown[] = [];
  server.use(
    http.get("*/api/gateway/drift", () => HttpResponse.json({ items: [], next_cursor: null, look })),
    http.post("*/api/gateway/drift/repair", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json(job(), { status: 202 });
    }),
    http.get("*/api/gateway/jobs/*", () => HttpResponse.json(job())),
  );
  const user = userEvent.setup();
  renderConsole("/drift");
  expect(await screen.findByText("Nothing differs")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Repair everything…" }));
  const dialog = await screen.findByRole("dialog");
  expect(asked).toEqual([]);
  await user.click(within(dialog).getByRole("button", { name: "Repair everything" }));
  await waitFor(() => expect(asked).toEqual([{}]));
  expect(await screen.findByText(/Waiting for a worker/)).toBeInTheDocument();
});

test("orphans go only after a dry run has named them and their number was typed", async () => {
  const asked: { parameters: Record<string, unknown> }[] = [];
  const orphan = {
    kind: "database",
    place: "database-server",
    name: "t_1",
    tenant_id: null,
    detail: {},
    first_seen_at: AT,
    condemned_at: null,
    condemned_by: null,
  };
  const named = { kind: "database", place: "database-server", name: "t_1" };
  server.use(
    http.get("*/api/gateway/orphans", () => HttpResponse.json({ items: [orphan], next_cursor: null })),
    http.post("*/api/gateway/jobs", async ({ request }) => {
      asked.push((await request.json()) as never);
      return HttpResponse.json(job({ id: `job-${asked.length}`, kind: "collect" }), { status: 202 });
    }),
    http.get("*/api/gateway/jobs/:id", ({ params }) => {
      const isDry = params.id === "job-1";
      const result = {
        dry_run: isDry,
        collected: [named],
        kept: [{ ...named, name: "t_2", why: "seen too lately" }],
      };
      const parameters = { dry_run: isDry, kinds: ["database"] };
      return HttpResponse.json(
        job({
          id: String(params.id),
          kind: "collect",
          state: "succeeded",
          parameters: parameters as never,
          result: result as never,
        }),
      );
    }),
  );
  const user = userEvent.setup();
  renderConsole("/orphans");
  await user.click(await screen.findByRole("checkbox", { name: "Database" }));
  await user.click(screen.getByRole("button", { name: "See what could go" }));
  expect(await screen.findByText("seen too lately")).toBeInTheDocument();
  expect(asked[0]).toEqual({ kind: "collect", parameters: { dry_run: true, kinds: ["database"] } });

  await user.click(screen.getByRole("button", { name: "Remove 1 object…" }));
  const dialog = await screen.findByRole("dialog", { name: "Remove 1 object for good?" });
  const submit = within(dialog).getByRole("button", { name: "Remove 1 object for good" });
  expect(submit).toBeDisabled();
  await user.type(within(dialog).getByRole("textbox"), "1");
  await user.click(submit);
  expect(await screen.findByText("1 object was removed.")).toBeInTheDocument();
  expect(asked[1]).toEqual({ kind: "collect", parameters: { dry_run: false, kinds: ["database"] } });
});

test("an audit's findings stand under their promises, with hostile words as text", async () => {
  const report = {
    tenants: 3,
    settling: ["x"],
    skipped: ["databases"],
    violations: [
      {
        invariant: "I1",
        tenant_id: "1",
        tenant_key: "acme",
        what: "its page <img src=x> does not answer",
        expected: { status: 200 },
        found: "nothing",
      },
    ],
    unknown: [{ source: "engine", code: "docker_unreachable", message: "no answer" }],
  };
  server.use(
    http.get("*/api/gateway/jobs", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get("*/api/gateway/jobs/*", () =>
      HttpResponse.json(job({ kind: "verify", state: "succeeded", result: report as never })),
    ),
  );
  renderConsole(`/verify?job=${job().id}`);
  expect(await screen.findByText("1 thing is not as promised.")).toBeInTheDocument();
  const promise = screen.getByRole("region", { name: "I1 An active tenant is served, whole." });
  expect(promise).toHaveTextContent("its page <img src=x> does not answer");
  expect(promise).toHaveTextContent('{"status":200}');
  expect(screen.getByText(/docker_unreachable/)).toBeInTheDocument();
});

test("a job that failed says why", async () => {
  server.use(
    http.get("*/api/gateway/jobs/*", () =>
      HttpResponse.json(job({ state: "failed", error_message: "the control database is away" })),
    ),
  );
  renderConsole(`/jobs/${job().id}`);
  expect(await screen.findByText("the control database is away")).toBeInTheDocument();
});
