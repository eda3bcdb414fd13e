import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";

/** A call that changes something. What begins with one of `nouns` is read again once the server has accepted it. */
export function useCall<Output, Input = void>(
  run: (input: Input) => Promise<Output>,
  nouns: readonly string[],
): UseMutationResult<Output, Error, Input> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: () => {
      void queries.invalidateQueries({
        predicate: ({ queryKey }) => nouns.some((noun) => noun === queryKey[0]),
      });
    },
  });
}
