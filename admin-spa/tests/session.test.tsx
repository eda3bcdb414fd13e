import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { renderConsole } from "./render";
import { tenant } from "./samples";
import { me, problem, server } from "./server";

test("without a session the login opens, refuses with the server's words, then leads back", async () => {
  let signedIn = false;
  server.use(
    http.get("*/api/gateway/me", () =>
      signedIn ? HttpResponse.json(me) : problem(401, { title: "Not signed in" }),
    ),
    http.post("*/api/gateway/session", async ({ request }) => {
      const { password } = (await request.json()) as { password: string };
      if (password !== "right") {
        return problem(401, { title: "Login refused", detail: "Email and password do not match." });
      }
      signedIn = true;
      return HttpResponse.json(me);
    }),
    http.get("*/api/gateway/tenants", ({ request }) =>
      HttpResponse.json({
        items: new URL(request.url).searchParams.get("q") === "ac" ? [tenant()] : [],
        next_cursor: null,
      }),
    ),
  );
  const router = renderConsole("/tenants?q=ac");
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("Email"), "olga@example.com");
  await user.type(screen.getByLabelText("Password"), "wrong");
  await user.click(screen.getByRole("button", { name: "Log in" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Email and password do not match.");
  expect(screen.getByRole("alert")).toHaveTextContent("request-1");

  await user.clear(screen.getByLabelText("Password"));
  await user.type(screen.getByLabelText("Password"), "right");
  await user.click(screen.getByRole("button", { name: "Log in" }));
  expect(await screen.findByRole("link", { name: "acme" })).toBeInTheDocument();
  expect(router.state.location.href).toBe("/tenants?q=ac");
});

test("a session that ends while a page is open leads to the login with the way back", async () => {
  server.use(http.get("*/api/gateway/tenants", () => problem(401, { title: "Session over" })));
  const router = renderConsole("/tenants?status=active");
  await waitFor(() => expect(router.state.location.pathname).toBe("/login"));
  expect(router.state.location.search).toEqual({ next: "/tenants?status=active" });
});

test("a failing list shows title, detail and request id, and can be tried again", async () => {
  let well = false;
  server.use(
    http.get("*/api/gateway/tenants", () =>
      well
        ? HttpResponse.json({ items: [tenant()], next_cursor: null })
        : problem(400, { title: "Bad cursor", detail: "The cursor is not one of ours." }),
    ),
  );
  renderConsole("/tenants");
  expect(await screen.findByRole("alert")).toHaveTextContent("The cursor is not one of ours.");
  expect(screen.getByRole("alert")).toHaveTextContent("request-1");
  well = true;
  await userEvent.setup().click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("link", { name: "acme" })).toBeInTheDocument();
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("the first visit explains what to do, with the command", async () => {
  server.use(http.get("*/api/gateway/tenants", () => HttpResponse.json({ items: [], next_cursor: null })));
  renderConsole("/tenants");
  expect(await screen.findByText(/gatewayctl tenant create/)).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "New tenant" })).toHaveAttribute("href", "/tenants/new");
});
