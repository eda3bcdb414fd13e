import { TabLinks } from "../parts/TabLinks";
import { text } from "./text";

/** The pages about routes. */
export function RouteTabs() {
  return (
    <TabLinks
      label={text.list.title}
      tabs={[
        { to: "/routes", label: text.list.title, exact: true },
        { to: "/routes/explain", label: text.list.explain },
      ]}
    />
  );
}
