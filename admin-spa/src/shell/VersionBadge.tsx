import { Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { versionQuery } from "../api/session";
import { text } from "../text";
import { EnvironmentBadge } from "./EnvironmentBadge";
import classes from "./Header.module.css";

/** Which version answers, and whether people rely on it. */
export function VersionBadge() {
  const { data } = useQuery(versionQuery);
  if (!data) return null;
  return (
    <>
      <Tooltip label={text.versionHint(data.commit, data.built_at)}>
        <Text component="span" size="sm" c="dimmed" className={classes.version ?? ""}>
          {text.version(data.version)}
        </Text>
      </Tooltip>
      <EnvironmentBadge environment={data.environment} />
    </>
  );
}
