import { useMay } from "../session/useMay";
import { Components } from "./Components";
import type { Known } from "./findings";
import { LatestOperations } from "./LatestOperations";
import { Plots } from "./Plots";

/** What is below the fold, in a file of its own: the first sight does not wait for tables. */
export function Below({ known }: { known: Known }) {
  const may = useMay();
  return (
    <>
      {may("fleet:read") && <Plots />}
      {may("operations:read") && <LatestOperations />}
      <Components known={known} />
    </>
  );
}
