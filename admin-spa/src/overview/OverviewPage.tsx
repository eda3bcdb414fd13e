import { Skeleton, Stack } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Page } from "../parts/Page";
import { useAfterPaint } from "../parts/useAfterPaint";
import { useMay } from "../session/useMay";
import { text } from "../text";
import { Attention } from "./Attention";
import { Numbers } from "./Numbers";
import { overviewText } from "./text";
import { useKnown } from "./useKnown";

const Below = lazy(() => import("./Below").then((module) => ({ default: module.Below })));

/** How everything is, what needs somebody, and the button that fixes it. */
export function OverviewPage() {
  const isPainted = useAfterPaint();
  return (
    <Page title={overviewText.title}>
      <Stack gap="lg" aria-busy={!isPainted || undefined}>
        {isPainted && <Content />}
      </Stack>
    </Page>
  );
}

/** What the heading is about: it asks for much, and so comes when the page is seen. */
function Content() {
  const may = useMay();
  const { known, isPending, isIncomplete } = useKnown();
  return (
    <>
      {may("tenants:read") && <Numbers capacity={known.capacity} />}
      <Attention known={known} isPending={isPending} isIncomplete={isIncomplete} />
      <Suspense fallback={<Skeleton height={400} role="status" aria-label={text.loading} />}>
        <Below known={known} />
      </Suspense>
    </>
  );
}
