import { TabLinks } from "../parts/TabLinks";
import { text } from "./text";

/** The pages about what is used up, what is left, and where the next tenant goes. */
export function CapacityTabs() {
  return (
    <TabLinks
      label={text.capacity.label}
      tabs={[
        { to: "/capacity", label: text.capacity.numbers },
        { to: "/topology", label: text.capacity.topology },
        { to: "/placement", label: text.capacity.placement },
      ]}
    />
  );
}
