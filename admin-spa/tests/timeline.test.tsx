import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { Timeline } from "../src/operations/Timeline";
import { operationsText } from "../src/operations/text";
import { renderQueried } from "./render-queried";
import { operation, step } from "./samples";

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
