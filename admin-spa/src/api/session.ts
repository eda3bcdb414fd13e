import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { takeAsked } from "./asked";
import { api, unwrap } from "./client";
import type { Login } from "./types";

/** Who is signed in. Held for the whole visit: signing out or a 401 clears it. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/gateway/me", { signal, ...takeAsked("me") })),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
});

/** What the server runs. Needs no session. */
export const versionQuery = queryOptions({
  queryKey: ["version"],
  queryFn: ({ signal }) => unwrap(api.GET("/version", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
  retry: 1,
});

/** Opens a session and remembers whose it is. */
export function useLogin() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Login) => unwrap(api.POST("/api/gateway/session", { body })),
    onSuccess: (me) => queries.setQueryData(meQuery.queryKey, me),
  });
}

/** Ends the session on the server. */
export function useLogout() {
  return useMutation({ mutationFn: () => unwrap(api.DELETE("/api/gateway/session")) });
}

/** Ends all sessions of the person, the present one too. */
export function useLogoutEverywhere() {
  return useMutation({ mutationFn: () => unwrap(api.DELETE("/api/gateway/sessions")) });
}
