import { Tooltip } from "@mantine/core";
import { IconBuildingSkyscraper, IconFlask } from "@tabler/icons-react";
import type { components } from "../api/schema";
import classes from "./EnvironmentBadge.module.css";
import { shellText } from "./text";

type Environment = components["schemas"]["EnvironmentName"];

const icons = { development: IconFlask, production: IconBuildingSkyscraper } as const satisfies Record<
  Environment,
  unknown
>;

/** Says on every page whether people rely on what is shown: as a colour, an icon and a word. */
export function EnvironmentBadge({ environment }: { environment: Environment }) {
  const BadgeIcon = icons[environment];
  return (
    <Tooltip
      label={shellText.environmentMeaning[environment]}
      events={{ hover: true, focus: true, touch: true }}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its meaning is read on focus too */}
      <span className={classes.badge} data-environment={environment} tabIndex={0}>
        <BadgeIcon size={14} aria-hidden />
        <span className={classes.word}>{shellText.environment[environment]}</span>
      </span>
    </Tooltip>
  );
}
