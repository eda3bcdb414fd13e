import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { AuditEntry } from "../api/types";
import { useCall } from "../api/useCall";

const PAGE_SIZE = 50;
const EXPORT_PAGE = 200;

export interface AuditFilter {
  actor?: string;
  target?: string;
  call?: string;
  cursor?: string;
}

/** A page of the log, newest first. */
export const auditQuery = (filter: AuditFilter) =>
  queryOptions({
    queryKey: ["audit", "list", filter],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/audit", { params: { query: { ...filter, limit: PAGE_SIZE } }, signal })),
  });

/** Computes all digests anew; takes up to two minutes on a long log. */
export const useCheckAudit = () => useCall(() => unwrap(api.GET("/api/gateway/audit/check")), []);

/** All entries a filter matches, as one JSON object a line. Tells how many it has as they come. */
export async function exportAudit(
  filter: AuditFilter,
  signal: AbortSignal,
  onCount: (count: number) => void,
): Promise<string> {
  const { cursor: _, ...same } = filter;
  const lines: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: AuditFilter & { limit: number } = {
      ...same,
      limit: EXPORT_PAGE,
      ...(cursor ? { cursor } : {}),
    };
    const page: { items: AuditEntry[]; next_cursor: string | null } = await unwrap(
      api.GET("/api/gateway/audit", { params: { query }, signal }),
    );
    for (const entry of page.items) lines.push(JSON.stringify(entry));
    onCount(lines.length);
    cursor = page.next_cursor;
  }
  return `${lines.join("\n")}\n`;
}
