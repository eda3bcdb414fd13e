import { Skeleton, Stack } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Page } from "../parts/Page";
import { useAfterPaint } from "../parts/useAfterPaint";
import { text } from "../text";
import { overviewText } from "./text";

const Content = lazy(() => import("./Content").then((module) => ({ default: module.Content })));

/** How everything is, what needs somebody, and the button that fixes it: all of it comes when the heading is seen. */
export function OverviewPage() {
  const isPainted = useAfterPaint();
  return (
    <Page title={overviewText.title}>
      <Stack gap="lg" aria-busy={!isPainted || undefined}>
        {isPainted && (
          <Suspense fallback={<Skeleton height={400} role="status" aria-label={text.loading} />}>
            <Content />
          </Suspense>
        )}
      </Stack>
    </Page>
  );
}
