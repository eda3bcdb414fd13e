import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { text } from "../src/text";
import { renderConsole } from "./render";
import { operation, tenant } from "./samples";
import { problem, server } from "./server";

const nobodyHasIt = http.get("*/api/gateway/tenants", () =>
  HttpResponse.json({ items: [], next_cursor: null }),
);

async function fill(key: string, company: string) {
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText(/^Key/), key);
  await user.type(screen.getByLabelText(/^Company name/), company);
  return user;
}

test("reasons against a key are shown while it is typed", async () => {
  server.use(nobodyHasIt);
  renderConsole("/tenants/new");
  await fill("Acme-", "Acme");
  const field = screen.getByLabelText(/^Key/);
  expect(field).toBeInvalid();
  expect(field).toHaveAccessibleDescription(expect.stringContaining("“A”"));
});

test("the server's errors are placed on their fields", async () => {
  server.use(
    nobodyHasIt,
    http.post("*/api/gateway/tenants", () =>
      problem(422, {
        title: "Invalid tenant",
        errors: [
          { pointer: "/key", code: "reserved", message: "This word is reserved." },
          { pointer: "/host", code: "taken", message: "That host is taken." },
        ],
      }),
    ),
  );
  renderConsole("/tenants/new");
  const user = await fill("admin", "Acme");
  await user.click(screen.getByRole("button", { name: "Create admin" }));

  const field = screen.getByLabelText(/^Key/);
  await waitFor(() =>
    expect(field).toHaveAccessibleDescription(expect.stringContaining("This word is reserved.")),
  );
  expect(field).toHaveFocus();
  // What belongs to no field on the page is still told.
  expect(screen.getByRole("alert")).toHaveTextContent("That host is taken.");

  await user.type(field, "s");
  expect(field).not.toHaveAccessibleDescription(expect.stringContaining("This word is reserved."));
});

test("success leads to the tenant's own page", async () => {
  const made = tenant({ key: "newco", status: "pending" });
  let sent: unknown;
  server.use(
    nobodyHasIt,
    http.post("*/api/gateway/tenants", async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json(made, { status: 202 });
    }),
    http.get("*/api/gateway/tenants/newco", () => HttpResponse.json(made)),
    http.get("*/api/gateway/operations", () =>
      HttpResponse.json({ items: [operation({ state: "pending" })], next_cursor: null }),
    ),
    http.get("*/api/gateway/operations/:id", () => HttpResponse.json(operation({ state: "pending" }))),
  );
  const router = renderConsole("/tenants/new");
  const user = await fill("newco", "New Co");
  await user.click(screen.getByRole("button", { name: "Create newco" }));
  expect(await screen.findByRole("heading", { level: 1, name: "newco" })).toBeInTheDocument();
  expect(router.state.location.pathname).toBe("/tenants/newco");
  expect(sent).toEqual({ key: "newco", company_name: "New Co", tier: "shared" });
  expect(await screen.findByText(text.operation.waiting)).toBeInTheDocument();
});
