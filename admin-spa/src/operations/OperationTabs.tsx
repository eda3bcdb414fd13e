import { TabLinks } from "../parts/TabLinks";
import { operationsText } from "./text";

/** The way between single operations and batches of them. */
export function OperationTabs() {
  return (
    <TabLinks
      label={operationsText.tabs}
      tabs={[
        { to: "/operations", label: operationsText.operations, exact: true },
        { to: "/batches", label: operationsText.batches },
      ]}
    />
  );
}
