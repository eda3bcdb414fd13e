import { Stack, Text } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { text } from "../text";
import classes from "./Header.module.css";

/** Stands in for a page that could not be shown. */
export function FailedPage({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <main id="content" className={classes.main}>
      <Page title={text.product}>
        <ProblemAlert error={error} onRetry={again} />
      </Page>
    </main>
  );
}

/** Stands in for an address that leads nowhere. */
export function NotFoundPage() {
  return (
    <main id="content" className={classes.main}>
      <Page title={text.notFound.title}>
        <Stack align="flex-start">
          <Text>{text.notFound.detail}</Text>
          <ButtonLink to="/">{text.notFound.back}</ButtonLink>
        </Stack>
      </Page>
    </main>
  );
}
