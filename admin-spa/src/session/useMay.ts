import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { meQuery } from "../api/session";
import type { Scope } from "../area";

const EVERYTHING = "*";

/** Says whether the person signed in may do something. The server decides; this only hides what it would refuse. */
export function useMay(): (scope: Scope) => boolean {
  const scopes = useQuery(meQuery).data?.scopes;
  return useCallback(
    (scope) => scopes?.some((has) => has === scope || has === EVERYTHING) ?? false,
    [scopes],
  );
}
