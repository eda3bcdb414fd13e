import { text } from "../text";
import type { FieldError } from "./types";

/**
 * A request that did not succeed, in the terms the server used (`application/problem+json`, RFC 9457).
 *
 * `status` is 0 when no answer arrived. `instance` is the request id, the word to search the server's log for.
 */
export class ProblemError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string | null;
  readonly code: string;
  readonly instance: string | null;
  readonly errors: readonly FieldError[];
  /** Seconds after which the server takes the call again; null where it did not say. */
  readonly retryAfter: number | null;
  /** When the answer came, in milliseconds. */
  readonly at = Date.now();

  constructor(fields: {
    status: number;
    title: string;
    detail?: string | null;
    code?: string;
    instance?: string | null;
    errors?: readonly FieldError[];
    retryAfter?: number | null;
  }) {
    super(fields.detail ?? fields.title);
    this.name = "ProblemError";
    this.status = fields.status;
    this.title = fields.title;
    this.detail = fields.detail ?? null;
    this.code = fields.code ?? "unknown";
    this.instance = fields.instance ?? null;
    this.errors = fields.errors ?? [];
    this.retryAfter = fields.retryAfter ?? null;
  }
}

const asText = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** The server gives whole seconds, never a date. */
function asSeconds(value: string | null): number | null {
  const seconds = value === null ? Number.NaN : Number.parseInt(value, 10);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

function asFieldErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: Partial<FieldError> | null) => {
    const message = asText(entry?.message);
    if (message === null) return [];
    return [{ pointer: asText(entry?.pointer) ?? "", code: asText(entry?.code) ?? "invalid", message }];
  });
}

/** Reads an error answer. A body that is no problem document (a proxy's HTML page, say) still gives a title. */
export function problemFromResponse(response: Response, body: unknown): ProblemError {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  return new ProblemError({
    status: response.status,
    title: asText(fields.title) ?? text.problem.status(response.status, response.statusText),
    detail: asText(fields.detail),
    code: asText(fields.code) ?? "unknown",
    instance: asText(fields.instance) ?? response.headers.get("x-request-id"),
    errors: asFieldErrors(fields.errors),
    retryAfter: asSeconds(response.headers.get("retry-after")),
  });
}

/** Turns anything thrown into a problem, so that every error can be shown the same way. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return new ProblemError({ status: 0, title: text.problem.timeout, code: "timeout" });
  }
  if (error instanceof TypeError) {
    return new ProblemError({
      status: 0,
      title: text.problem.unreachable,
      detail: text.problem.unreachableDetail,
      code: "unreachable",
    });
  }
  const detail = error instanceof Error ? error.message : null;
  return new ProblemError({ status: 0, title: text.problem.unexpected, detail, code: "unexpected" });
}

/** Whether the session is missing or over. */
export const isSignedOut = (error: unknown): boolean => error instanceof ProblemError && error.status === 401;
