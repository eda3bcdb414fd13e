import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useMay } from "../session/useMay";
import { text } from "../text";
import { Attention } from "./Attention";
import { Numbers } from "./Numbers";
import { useKnown } from "./useKnown";

const Below = lazy(() => import("./Below").then((module) => ({ default: module.Below })));

/** What the overview is about. */
export function Content() {
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
