import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { plan } from "./fleetSamples";
import { renderConsole } from "./render";
import { problem, server } from "./server";

const had = plan({ connection_limit: 20, tenants: 12 });

interface Asked {
  isDry: boolean;
  match: string | null;
  body: unknown;
}

function serve(answer: (asked: Asked) => Response) {
  server.use(
    http.get("*/api/gateway/plans/gold", () => HttpResponse.json(had, { headers: { etag: '"7"' } })),
    http.patch("*/api/gateway/plans/gold", async ({ request }) =>
      answer({
        isDry: new URL(request.url).searchParams.get("dry_run") === "true",
        match: request.headers.get("if-match"),
        body: await request.json(),
      }),
    ),
  );
}

async function changeConnections(to: string) {
  const user = userEvent.setup();
  renderConsole("/plans/gold/edit");
  const field = await screen.findByRole("textbox", { name: "Connections" });
  await user.clear(field);
  if (to) await user.type(field, to);
  await user.click(screen.getByRole("button", { name: "See what it changes" }));
  return user;
}

test("a plan is changed only after a dry run has told how many tenants it touches", async () => {
  const asked: Asked[] = [];
  serve((one) => {
    asked.push(one);
    return HttpResponse.json({ ...had, connection_limit: 40 });
  });
  const user = await changeConnections("40");
  const table = await screen.findByRole("table", { name: "Changes of the plan" });
  expect(within(table).getByRole("row", { name: /Connections/ })).toHaveTextContent("2040");
  expect(screen.getByText(/12 tenants have this plan: the work of each is done again/)).toBeInTheDocument();
  expect(asked).toEqual([{ isDry: true, match: '"7"', body: { connection_limit: 40 } }]);

  await user.click(screen.getByRole("button", { name: "Change the plan of 12 tenants" }));
  expect(await screen.findByRole("heading", { name: "Gold" })).toBeInTheDocument();
  expect(asked[1]).toEqual({ isDry: false, match: '"7"', body: { connection_limit: 40 } });
});

test("the network of a plan's tenants is chosen with what it means, and stands in what changes", async () => {
  const asked: Asked[] = [];
  serve((one) => {
    asked.push(one);
    return HttpResponse.json({ ...had, network: "none" });
  });
  const user = userEvent.setup();
  renderConsole("/plans/gold/edit");
  const field = await screen.findByRole("combobox", { name: "Network of its tenants" });
  expect(field).toHaveAccessibleDescription("Each tenant has a Docker network and a subnet of its own.");
  await user.selectOptions(field, "None");
  expect(field).toHaveAccessibleDescription(/^A tenant has no network\./);
  await user.click(screen.getByRole("button", { name: "See what it changes" }));
  const table = await screen.findByRole("table", { name: "Changes of the plan" });
  expect(within(table).getByRole("row", { name: /Network/ })).toHaveTextContent("Each its ownNone");
  expect(asked[0]?.body).toEqual({ network: "none" });
});

test("a plan for dedicated tenants gives each its own network", async () => {
  const user = userEvent.setup();
  renderConsole("/new/plan");
  const field = await screen.findByRole("combobox", { name: "Network of its tenants" });
  await user.selectOptions(field, "None");
  await user.selectOptions(screen.getByRole("combobox", { name: "For tenants of" }), "Dedicated");
  expect(field).toBeDisabled();
  expect(field).toHaveValue("per-tenant");
  expect(field).toHaveAccessibleDescription("A dedicated tenant has its own: its container is on it.");
});

test("an emptied limit is given back to the settings", async () => {
  const asked: Asked[] = [];
  serve((one) => {
    asked.push(one);
    return HttpResponse.json({ ...had, connection_limit: null });
  });
  await changeConnections("");
  expect(await screen.findByRole("row", { name: /as the settings say/ })).toBeInTheDocument();
  expect(asked[0]?.body).toEqual({ connection_limit: null });
});

test("a plan that changed meanwhile is not overwritten, and can be loaded again", async () => {
  serve(() => problem(412, { title: "It has changed since", code: "precondition_failed" }));
  await changeConnections("41");
  expect(await screen.findByText(/The plan has changed since you opened it/)).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Load it again" })).toBeInTheDocument();
});

test("a value that no plan can have is refused before it is sent", async () => {
  serve(() => {
    throw new Error("nothing was to be sent");
  });
  await changeConnections("0");
  expect(await screen.findByText("From 1 to 10,000, or nothing.")).toBeInTheDocument();
  expect(screen.getByRole("textbox", { name: "Connections" })).toHaveFocus();
});

test("the deletion of a plan that tenants have is explained before it is refused", async () => {
  serve(() => HttpResponse.json(had));
  renderConsole("/plans/gold?ask=delete");
  const dialog = await screen.findByRole("dialog", { name: "Delete the plan gold?" });
  expect(dialog).toHaveTextContent("12 tenants have it, so the deletion will be refused");
});
