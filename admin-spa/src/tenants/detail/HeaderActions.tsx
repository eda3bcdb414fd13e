import { Button, Group } from "@mantine/core";
import {
  IconArrowBackUp,
  IconExternalLink,
  IconPlayerPlay,
  IconPlugConnected,
  IconRefresh,
} from "@tabler/icons-react";
import type { Tenant } from "../../api/types";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { useMay } from "../../session/useMay";
import { text } from "../../text";
import { offeredActions } from "../actions";
import { detailText } from "./text";
import { useAct } from "./useAct";
import { useDialog } from "./useDialog";

const words = text.tenant.actions;

/** What leads a tenant on and takes nothing away: everything else is on the tab of settings. */
const leading = [
  { verb: "retry", icon: IconRefresh },
  { verb: "undelete", icon: IconArrowBackUp },
  { verb: "reactivate", icon: IconPlayerPlay },
  { verb: "resume", icon: IconPlayerPlay },
] as const;

/** The buttons beside a tenant's name. */
export function HeaderActions({ tenant }: { tenant: Tenant }) {
  const may = useMay();
  const { action, act } = useAct(tenant);
  const { open } = useDialog();
  const offered = may("tenants:write") ? offeredActions(tenant) : [];
  return (
    <Group gap="xs" role="group" aria-label={words.label}>
      {leading
        .filter(({ verb }) => offered.includes(verb))
        .map(({ verb, icon: Icon }) => (
          <Button
            key={verb}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => act({ verb })}
            loading={action.isPending && action.variables.verb === verb}
            disabled={action.isPending}
          >
            {words[verb]}
          </Button>
        ))}
      {may("credentials:reveal") && tenant.database && tenant.status !== "deleted" && (
        <Button
          variant="default"
          leftSection={<IconPlugConnected size={16} aria-hidden />}
          onClick={() => open("connection")}
        >
          {detailText.connection.button}
        </Button>
      )}
      {tenant.url && tenant.status === "active" && (
        <Button
          component="a"
          variant="default"
          href={tenant.url}
          target="_blank"
          rel="noopener noreferrer"
          rightSection={<IconExternalLink size={16} aria-hidden />}
          aria-label={detailText.opens(tenant.host ?? tenant.key)}
        >
          {detailText.open}
        </Button>
      )}
      {action.isError && <ProblemAlert title={text.tenant.actionFailed} error={action.error} />}
    </Group>
  );
}
