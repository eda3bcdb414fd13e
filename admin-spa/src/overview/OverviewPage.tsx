import { Stack } from "@mantine/core";
import { Page } from "../parts/Page";
import { useAfterPaint } from "../parts/useAfterPaint";
import { useMay } from "../session/useMay";
import { Attention } from "./Attention";
import { Components } from "./Components";
import { LatestOperations } from "./LatestOperations";
import { Numbers } from "./Numbers";
import { Plots } from "./Plots";
import { overviewText } from "./text";
import { useKnown } from "./useKnown";

/** How everything is, what needs somebody, and the button that fixes it. */
export function OverviewPage() {
  const may = useMay();
  const { known, isPending, isIncomplete } = useKnown();
  const isPainted = useAfterPaint();
  return (
    <Page title={overviewText.title}>
      <Stack gap="lg">
        {may("tenants:read") && <Numbers capacity={known.capacity} />}
        <Attention known={known} isPending={isPending} isIncomplete={isIncomplete} />
        {isPainted && (
          <>
            {may("fleet:read") && <Plots />}
            {may("operations:read") && <LatestOperations />}
            <Components known={known} />
          </>
        )}
      </Stack>
    </Page>
  );
}
