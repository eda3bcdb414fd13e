import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import { useCall } from "../api/useCall";

/** One's own logins that are not over; nobody has more than a page of them. */
export const sessionsQuery = queryOptions({
  queryKey: ["sessions", "own"],
  queryFn: ({ signal }) =>
    unwrap(api.GET("/api/gateway/sessions", { params: { query: { limit: 200 } }, signal })),
});

export const useEndSession = () =>
  useCall(
    (id: string) => unwrap(api.DELETE("/api/gateway/sessions/{id}", { params: { path: { id } } })),
    ["sessions"],
  );

/** Ends all of one's own sessions, or all but the present one. */
export const useEndSessions = () =>
  useCall(
    (keep_current: boolean) =>
      unwrap(api.DELETE("/api/gateway/sessions", { params: { query: { keep_current } } })),
    ["sessions"],
  );

export const useChangePassword = () =>
  useCall(
    (body: { current_password: string; new_password: string }) =>
      unwrap(api.POST("/api/gateway/me/password", { body })),
    ["sessions"],
  );

export const useEnrolTotp = () =>
  useCall((password: string) => unwrap(api.POST("/api/gateway/me/totp", { body: { password } })), []);

export const useConfirmTotp = () =>
  useCall(
    (code: string) => unwrap(api.POST("/api/gateway/me/totp/confirm", { body: { code } })),
    ["me", "sessions", "users"],
  );

/** Who one is, shown once more for what weakens the account. */
interface Proof {
  password: string;
  code: string;
}

export const useDisableTotp = () =>
  useCall((body: Proof) => unwrap(api.POST("/api/gateway/me/totp/disable", { body })), ["me", "users"]);

export const useRenewCodes = () =>
  useCall((body: Proof) => unwrap(api.POST("/api/gateway/me/totp/recovery-codes", { body })), []);
