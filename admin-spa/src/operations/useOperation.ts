import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { isOpen, operationQuery } from "../api/operations";
import { hear, mergeOperation, nothingTold, type Told } from "./mergeOperation";

/**
 * One operation, live: read once, then followed by its own stream of events while it is open. Where there is no stream it
 * is asked for again and again instead. After a reload everything is read anew, so nothing is missing.
 */
export function useOperation(id: string) {
  const queries = useQueryClient();
  const [streamed, setStreamed] = useState(false);
  const [told, setTold] = useState<{ id: string; told: Told }>({ id, told: nothingTold });
  const query = useQuery(operationQuery(id, streamed));
  const read = query.data;
  const heard = told.id === id ? told.told : nothingTold;
  const operation = useMemo(() => (read ? mergeOperation(read, heard) : undefined), [read, heard]);
  const follows = operation !== undefined && isOpen(operation);

  useEffect(() => {
    if (!follows || typeof EventSource === "undefined") return;
    const source = new EventSource(`/api/gateway/operations/${encodeURIComponent(id)}/events`);
    const take = (event: MessageEvent<string>) => {
      setStreamed(true);
      setTold((before) => ({
        id,
        told: hear(before.id === id ? before.told : nothingTold, event.type, event.data),
      }));
    };
    const end = (event: MessageEvent<string>) => {
      take(event);
      source.close();
      // The whole once more, and everything else that shows this work.
      void queries.invalidateQueries({ queryKey: ["operations"] });
      void queries.invalidateQueries({ queryKey: ["tenants"] });
    };
    source.addEventListener("operation", take);
    source.addEventListener("step", take);
    source.addEventListener("ended", end);
    source.addEventListener("error", () => setStreamed(false));
    return () => {
      source.close();
      setStreamed(false);
    };
  }, [follows, id, queries]);

  return { query, operation, streamed };
}
