import { TabLinks } from "../parts/TabLinks";
import { text } from "./text";

/** The pages about whether the world is as the rows say. */
export function SoundnessTabs() {
  return (
    <TabLinks
      label={text.soundness.label}
      tabs={[
        { to: "/drift", label: text.soundness.drift },
        { to: "/orphans", label: text.soundness.orphans },
        { to: "/verify", label: text.soundness.verify },
        { to: "/jobs", label: text.soundness.jobs },
      ]}
    />
  );
}
