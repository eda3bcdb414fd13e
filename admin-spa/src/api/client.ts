import createClient from "openapi-fetch";
import { noteBuildOf } from "./build";
import { asProblem, problemFromResponse } from "./problem";
import type { paths } from "./schema";

/** No answer of the API takes longer than this when the server is well. */
const REQUEST_TIMEOUT_MS = 20_000;

/** The only way to the API: same origin, session cookie, paths and bodies typed by the server's description. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  headers: { Accept: "application/json, application/problem+json" },
  fetch: (request) =>
    globalThis.fetch(request, {
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    }),
});

api.use({ onResponse: ({ response }) => noteBuildOf(response) });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Awaits a call and gives its body; throws a `ProblemError` for every other outcome but an aborted request. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw asProblem(error);
  }
  if (!answer.response.ok) throw problemFromResponse(answer.response, answer.error);
  // A 204 has no body; calls answered by it are typed without one.
  return answer.data as T;
}

/** As `unwrap`, for calls that can answer parts of a thing and were not asked for parts: the answer is whole. */
export const unwrapWhole = <T>(call: Promise<Answer<unknown>>): Promise<T> =>
  unwrap(call as Promise<Answer<T>>);
