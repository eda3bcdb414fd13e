import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { Signup } from "../api/types";
import { useCall } from "../api/useCall";

export type SignupState = Signup["state"];

export const signupStates: readonly SignupState[] = [
  "waiting_approval",
  "waiting_proof",
  "accepted",
  "refused",
  "expired",
];

const PAGE_SIZE = 50;

export interface SignupFilter {
  state?: SignupState;
  cursor?: string;
}

/** Signups, newest first. */
export const signupListQuery = (filter: SignupFilter) =>
  queryOptions({
    queryKey: ["signups", "list", filter],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/signups", { params: { query: { ...filter, limit: PAGE_SIZE } }, signal })),
  });

/** One signup by its id. */
export const signupQuery = (id: string) =>
  queryOptions({
    queryKey: ["signups", "one", id],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/signups/{id}", { params: { path: { id } }, signal })),
  });

export const useApproveSignup = (id: string) =>
  useCall(
    () => unwrap(api.POST("/api/gateway/signups/{id}/approve", { params: { path: { id } } })),
    ["signups", "tenants"],
  );

export const useRefuseSignup = (id: string) =>
  useCall(
    (reason: string) =>
      unwrap(
        api.POST("/api/gateway/signups/{id}/refuse", {
          params: { path: { id } },
          body: reason ? { reason } : {},
        }),
      ),
    ["signups"],
  );
