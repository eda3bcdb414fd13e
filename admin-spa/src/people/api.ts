import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { Role, User } from "../api/types";
import { useCall } from "../api/useCall";

export type UserState = User["state"];

const PAGE_SIZE = 50;

export interface UserFilter {
  role?: Role;
  state?: UserState;
  cursor?: string;
}

/** People by address. */
export const userListQuery = (filter: UserFilter) =>
  queryOptions({
    queryKey: ["users", "list", filter],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/users", { params: { query: { ...filter, limit: PAGE_SIZE } }, signal })),
  });

const at = (id_or_email: string) => ({ path: { id_or_email } });

/** One person by address or id. */
export const userQuery = (idOrEmail: string) =>
  queryOptions({
    queryKey: ["users", "one", idOrEmail],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/users/{id_or_email}", { params: at(idOrEmail), signal })),
  });

/** Where a person is logged in. */
export const userSessionsQuery = (idOrEmail: string) =>
  queryOptions({
    queryKey: ["sessions", "of", idOrEmail],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/gateway/users/{id_or_email}/sessions", {
          params: { ...at(idOrEmail), query: { limit: 200 } },
          signal,
        }),
      ),
  });

export const useInviteUser = () =>
  useCall(
    (body: { email: string; role: Role; name?: string }) => unwrap(api.POST("/api/gateway/users", { body })),
    ["users"],
  );

/** Changes name, role or whether somebody is shut out. */
export const useEditUser = (idOrEmail: string) =>
  useCall(
    (body: { name?: string | null; role?: Role; disabled?: boolean }) =>
      unwrap(api.PATCH("/api/gateway/users/{id_or_email}", { params: at(idOrEmail), body })),
    ["users", "sessions", "me"],
  );

export const useRemoveUser = (idOrEmail: string) =>
  useCall(() => unwrap(api.DELETE("/api/gateway/users/{id_or_email}", { params: at(idOrEmail) })), ["users"]);

export const useReinviteUser = (idOrEmail: string) =>
  useCall(
    async () =>
      (await unwrap(api.POST("/api/gateway/users/{id_or_email}/invite", { params: at(idOrEmail) }))).link,
    ["users"],
  );

export const useResetPassword = (idOrEmail: string) =>
  useCall(
    () => unwrap(api.POST("/api/gateway/users/{id_or_email}/reset-password", { params: at(idOrEmail) })),
    [],
  );

export const useRemoveTotp = (idOrEmail: string) =>
  useCall(
    () => unwrap(api.DELETE("/api/gateway/users/{id_or_email}/totp", { params: at(idOrEmail) })),
    ["users", "me"],
  );

export const useEndUserSession = (idOrEmail: string) =>
  useCall(
    (id: string) =>
      unwrap(
        api.DELETE("/api/gateway/users/{id_or_email}/sessions/{id}", {
          params: { path: { id_or_email: idOrEmail, id } },
        }),
      ),
    ["sessions"],
  );

export const useEndUserSessions = (idOrEmail: string) =>
  useCall(
    () => unwrap(api.DELETE("/api/gateway/users/{id_or_email}/sessions", { params: at(idOrEmail) })),
    ["sessions"],
  );
