import { Loader, Stack, Text } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { text } from "../text";
import classes from "./Header.module.css";
import { useIsInShell } from "./InShell";
import { isMissingPart, mayReload, noteReload } from "./missingPart";
import { shellText } from "./text";

/**
 * Stands in for a page that could not be shown. Where a part of the console is gone from the server, which a newer console
 * does to the parts of the one that is open, it is loaded again as a whole, once.
 */
export function FailedPage({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  const [reloads, setReloads] = useState(() => isMissingPart(error) && mayReload());
  useEffect(() => {
    if (!reloads) return;
    // Without the note, the next page could not tell that this was tried already.
    if (noteReload()) window.location.reload();
    else setReloads(false);
  }, [reloads]);
  if (reloads) {
    return (
      <Main>
        <Page title={text.product}>
          <Loader aria-label={shellText.reloading} />
        </Page>
      </Main>
    );
  }
  const again = () => {
    // The browser remembers a part that it could not load: only the whole page asks for it again.
    if (isMissingPart(error)) return window.location.reload();
    reset();
    void router.invalidate();
  };
  return (
    <Main>
      <Page title={text.product}>
        <ProblemAlert error={error} onRetry={again} />
      </Page>
    </Main>
  );
}

/** Stands in for an address that leads nowhere. */
export function NotFoundPage() {
  return (
    <Main>
      <Page title={text.notFound.title}>
        <Stack align="flex-start">
          <Text>{text.notFound.detail}</Text>
          <ButtonLink to="/">{text.notFound.back}</ButtonLink>
        </Stack>
      </Page>
    </Main>
  );
}

/** The page's main landmark, unless it stands inside of one. */
function Main({ children }: { children: ReactNode }) {
  if (useIsInShell()) return children;
  return (
    <main id="content" className={classes.main}>
      {children}
    </main>
  );
}
