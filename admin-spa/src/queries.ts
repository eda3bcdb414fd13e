import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { asProblem, isSignedOut } from "./api/problem";

const RETRIES = 2;
const FRESH_MS = 1_000;

/** A cache that tells `onSignedOut` about every 401, wherever it happens. */
export function createQueries(onSignedOut: () => void): QueryClient {
  const onError = (error: Error) => {
    if (isSignedOut(error)) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        // What the server refused stays refused; only lost answers and its own failures are tried again.
        retry: (failures, error) => {
          const { status } = asProblem(error);
          return failures < RETRIES && (status === 0 || status >= 500);
        },
      },
      // The server may have accepted a request whose answer was lost: never send one twice unasked.
      mutations: { retry: false },
    },
  });
}
