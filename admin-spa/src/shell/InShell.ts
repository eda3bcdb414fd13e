import { createContext, use } from "react";

/** Whether a page stands inside the shell, which has the page's main landmark already. */
export const InShell = createContext(false);

export const useIsInShell = (): boolean => use(InShell);
