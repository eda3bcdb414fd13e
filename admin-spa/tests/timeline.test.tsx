import { screen, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import type { StepTime } from "../src/operations/stepTimes";
import { Timeline } from "../src/operations/Timeline";
import { operationsText } from "../src/operations/text";
import { renderQueried } from "./render-queried";
import { operation, step } from "./samples";
import { server } from "./server";

test("a failed step shows its word, attempt, duration and cause", async () => {
  const steps = [
    step({ id: 1, step: "role" }),
    step({
      id: 2,
      step: "migrations",
      state: "failed",
      error: { code: "timeout", message: "no answer in 5 s", retryable: true },
    }),
    step({
      id: 3,
      step: "migrations",
      attempt: 2,
      state: "failed",
      duration_ms: 2_400,
      error: { code: "migration_failed", message: "relation exists", retryable: false },
    }),
  ];
  await renderQueried(<Timeline operation={operation({ state: "failed", steps })} />);

  const [role, migrations] = within(screen.getByRole("list", { name: "Steps" }))
    .getAllByRole("listitem")
    .filter((item) => item.parentElement?.getAttribute("aria-label") === "Steps");
  expect(role).toHaveTextContent("Succeeded");
  expect(migrations).toHaveTextContent("Failed");
  expect(migrations).toHaveTextContent("Attempt 2 of 2");
  expect(migrations).toHaveTextContent("2.4 s");
  expect(migrations).toHaveTextContent("relation exists migration_failed");
  expect(migrations).toHaveTextContent(operationsText.permanent);
  expect(migrations).toHaveTextContent("1 earlier attempt");
});

test("a removal is named as one", async () => {
  await renderQueried(<Timeline operation={operation({ steps: [step({ action: "remove" })] })} />);
  expect(screen.getByText("Remove: Database")).toBeInTheDocument();
});

test("a retirement is named as one, and an abandoned step says so", async () => {
  const steps = [step({ action: "retire", state: "abandoned" })];
  await renderQueried(<Timeline operation={operation({ kind: "deprovision", steps })} />);
  expect(screen.getByText("Retire: Database")).toBeInTheDocument();
  expect(screen.getByText("Abandoned")).toBeInTheDocument();
});

test("an operation nobody has claimed says so", async () => {
  await renderQueried(<Timeline operation={operation({ state: "pending", steps: [] })} />);
  expect(screen.getByText(operationsText.waiting)).toBeInTheDocument();
});

const time = (fields: Partial<StepTime>): StepTime => ({
  step: "role",
  action: "ensure",
  typical_ms: 50,
  slow_ms: 200,
  attempts: 100,
  ...fields,
});

const rows = () =>
  within(screen.getByRole("list", { name: "Steps" }))
    .getAllByRole("listitem")
    .map(({ textContent }) => textContent ?? "");

test("steps under way and to come stand beside what is usual for them", async () => {
  const items = [
    time({ step: "role" }),
    time({ step: "database", typical_ms: 2_400, slow_ms: 9_000 }),
    time({ step: "database", action: "remove", typical_ms: 77_000 }),
    time({ step: "migrations", typical_ms: 31_000 }),
    time({ step: "route", attempts: 2, typical_ms: 12_000 }),
  ];
  server.use(http.get("*/api/gateway/steps", () => HttpResponse.json({ items })));
  const steps = [
    step({ id: 1, step: "role" }),
    step({
      id: 2,
      step: "database",
      state: "started",
      started_at: new Date(Date.now() - 60_000).toISOString(),
      ended_at: null,
      duration_ms: null,
    }),
  ];
  await renderQueried(<Timeline operation={operation({ state: "running", ended_at: null, steps })} />);
  expect(await screen.findByText(/typically 2\.4 s/)).toBeInTheDocument();
  expect(screen.getByText("Slower than usual: 95 of 100 take 9.0 s at most.")).toBeInTheDocument();
  const [role, database] = rows();
  expect(role).not.toMatch(/typically/);
  expect(database).not.toMatch(/1 min 17 s/);
  expect(rows().filter((row) => row.includes("To come · typically 31 s"))).toHaveLength(1);
  // Two attempts say nothing.
  expect(screen.queryByText(/typically 12 s/)).not.toBeInTheDocument();
});

test("nothing is compared once the work is over", async () => {
  let asked = 0;
  server.use(
    http.get("*/api/gateway/steps", () => {
      asked += 1;
      return HttpResponse.json({ items: [time({ step: "database" })] });
    }),
  );
  await renderQueried(<Timeline operation={operation({ steps: [step()] })} />);
  expect(screen.getByText("84 ms")).toBeInTheDocument();
  expect(asked).toBe(0);
});
