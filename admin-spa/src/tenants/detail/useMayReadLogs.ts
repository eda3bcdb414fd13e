import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../../api/session";

/** The scope that lets somebody read what the apps of dedicated tenants wrote. */
export const LOGS_SCOPE = "tenants:logs";
const EVERYTHING = "*";

/** Whether the person signed in may read logs. The server decides; this only hides what it would refuse. */
export function useMayReadLogs(): boolean {
  const scopes = useQuery(meQuery).data?.scopes ?? [];
  return scopes.includes(LOGS_SCOPE) || scopes.includes(EVERYTHING);
}
