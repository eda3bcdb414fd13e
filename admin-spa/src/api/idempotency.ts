import { useRef } from "react";

/** A key nobody else draws. `crypto.randomUUID` exists on secure origins only, and the console may be served without TLS. */
function drawKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Gives the Idempotency-Key of a call by its body: the same body asked for again, because its answer was lost, has the
 * same key, so that nothing is done twice; another body has another one. `forget` is for after an answer arrived.
 */
export function useIdempotencyKey() {
  const known = useRef<{ body: string; key: string }>(undefined);
  return {
    keyFor: (body: unknown): string => {
      const written = JSON.stringify(body);
      if (known.current?.body !== written) known.current = { body: written, key: drawKey() };
      return known.current.key;
    },
    forget: () => {
      known.current = undefined;
    },
  };
}
