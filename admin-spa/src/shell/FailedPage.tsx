import { Stack, Text } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { text } from "../text";
import classes from "./Header.module.css";
import { useIsInShell } from "./InShell";

/** Stands in for a page that could not be shown. */
export function FailedPage({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  const again = () => {
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
