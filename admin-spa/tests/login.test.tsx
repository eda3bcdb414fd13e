import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, expect, test } from "vitest";
import { renderConsole } from "./render";
import { me, problem, server } from "./server";

afterEach(() => window.history.replaceState(null, "", "/"));

/** Answers logins by what they carry, and says who is signed in only after one of them worked. */
function answerLogins(decide: (body: Record<string, string>) => Response | null) {
  const asked: Record<string, string>[] = [];
  let signedIn = false;
  server.use(
    http.get("*/api/gateway/me", () =>
      signedIn ? HttpResponse.json(me) : problem(401, { title: "Not signed in" }),
    ),
    http.post("*/api/gateway/session", async ({ request }) => {
      const body = (await request.json()) as Record<string, string>;
      asked.push(body);
      const refusal = decide(body);
      if (refusal) return refusal;
      signedIn = true;
      return HttpResponse.json(me);
    }),
  );
  return asked;
}

async function logIn(user: ReturnType<typeof userEvent.setup>) {
  await user.type(await screen.findByLabelText("Email"), "olga@example.com");
  await user.type(screen.getByLabelText("Password"), "right");
  await user.click(screen.getByRole("button", { name: "Log in" }));
}

test("an account with a second factor is asked for it, wrong codes too, and then gets in", async () => {
  const asked = answerLogins(({ code }) => {
    if (!code) return problem(401, { title: "Code required", code: "totp_required" });
    return code === "123456"
      ? null
      : problem(401, { title: "Wrong code", code: "wrong_code", detail: "Wait." });
  });
  const router = renderConsole("/account");
  const user = userEvent.setup();
  await logIn(user);
  const code = await screen.findByLabelText("Code of your authenticator app");
  expect(code).toHaveFocus();
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  await user.type(code, "000000");
  await user.click(screen.getByRole("button", { name: "Go on" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Wrong code");
  await user.clear(code);
  await user.type(code, "123 456{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/account"));
  expect(asked.at(-1)).toEqual({ email: "olga@example.com", password: "right", code: "123456" });
});

test("a recovery code does as well, and one can go back to another account", async () => {
  const asked = answerLogins(({ code }) =>
    code ? null : problem(401, { title: "Code required", code: "totp_required" }),
  );
  renderConsole("/account");
  const user = userEvent.setup();
  await logIn(user);
  await user.click(await screen.findByRole("button", { name: "Use a recovery code instead" }));
  await user.type(screen.getByLabelText("Recovery code"), "abcd efgh jkmn pqrs{Enter}");
  await waitFor(() => expect(asked.at(-1)?.code).toBe("abcdefghjkmnpqrs"));
});

test("too many attempts say how long to wait", async () => {
  server.use(
    http.get("*/api/gateway/me", () => problem(401, { title: "Not signed in" })),
    http.post("*/api/gateway/session", () =>
      HttpResponse.json(
        {
          type: "/problems/too_many_attempts",
          title: "Too many attempts",
          status: 429,
          code: "too_many_attempts",
        },
        { status: 429, headers: { "content-type": "application/problem+json", "retry-after": "30" } },
      ),
    ),
  );
  renderConsole("/login");
  await logIn(userEvent.setup());
  expect(await screen.findByText(/Try again in (30|29) s/)).toBeInTheDocument();
});

test("a link to set a password sets it, and the secret leaves the address", async () => {
  window.history.replaceState(null, "", "/reset#secret-1");
  const asked: unknown[] = [];
  server.use(
    http.post("*/api/gateway/password-resets/confirm", async ({ request }) => {
      asked.push(await request.json());
      return new HttpResponse(null, { status: 204 });
    }),
  );
  renderConsole("/reset");
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("New password"), "short");
  await user.type(screen.getByLabelText("The same once more"), "other");
  await user.click(screen.getByRole("button", { name: "Set the password" }));
  expect(screen.getByText("At least 12 characters.")).toBeInTheDocument();
  expect(screen.getByText("This is not the same.")).toBeInTheDocument();
  expect(window.location.hash).toBe("");
  for (const name of ["New password", "The same once more"]) {
    await user.clear(screen.getByLabelText(name));
    await user.type(screen.getByLabelText(name), "a long enough sentence");
  }
  await user.click(screen.getByRole("button", { name: "Set the password" }));
  expect(await screen.findByRole("link", { name: "Log in" })).toBeInTheDocument();
  expect(asked).toEqual([{ token: "secret-1", password: "a long enough sentence" }]);
});

test("a link without its secret says so", async () => {
  renderConsole("/invite");
  expect(await screen.findByText("This link is not whole")).toBeInTheDocument();
});

test("an invite is looked at, accepted, and lets in", async () => {
  window.history.replaceState(null, "", "/invite#guest-1");
  server.use(
    http.post("*/api/gateway/invites/look", () =>
      HttpResponse.json({
        email: "jo@example.com",
        name: "Jo",
        role: "viewer",
        expires_at: "2099-01-01T00:00:00Z",
      }),
    ),
    http.post("*/api/gateway/invites/accept", async ({ request }) => {
      expect(await request.json()).toEqual({
        token: "guest-1",
        password: "a long enough sentence",
        name: "Jo",
      });
      return HttpResponse.json({ ...me, name: "jo@example.com", scopes: [] });
    }),
  );
  const router = renderConsole("/invite");
  const user = userEvent.setup();
  expect(await screen.findByText(/jo@example.com, with the role viewer/)).toBeInTheDocument();
  await user.type(screen.getByLabelText("Password"), "a long enough sentence");
  await user.type(screen.getByLabelText("The same once more"), "a long enough sentence");
  server.use(http.get("*/ready", () => HttpResponse.json({ status: "ready", parts: [] })));
  await user.click(screen.getByRole("button", { name: "Accept and log in" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/"));
});

test("a forgotten password is answered the same for everybody", async () => {
  server.use(http.post("*/api/gateway/password-resets", () => new HttpResponse(null, { status: 202 })));
  renderConsole("/forgotten");
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("Email"), "nobody@example.com{Enter}");
  expect(await screen.findByText(/If nobody@example.com has an account/)).toBeInTheDocument();
});
