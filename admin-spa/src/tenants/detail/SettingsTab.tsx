import { Button, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Tenant } from "../../api/types";
import { AskDialog } from "../../parts/AskDialog";
import { Panel } from "../../parts/Panel";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { useMay } from "../../session/useMay";
import { text } from "../../text";
import { absoluteTime } from "../../time";
import { isBeingDeleted, offeredActions } from "../actions";
import { EditDetails } from "./EditDetails";
import { MovePool } from "./MovePool";
import { detailText } from "./text";
import { useAct } from "./useAct";
import { useDialog } from "./useDialog";
import { useTenant } from "./useTenant";

const words = detailText.settings;

/** What can be changed of a tenant; what takes something away stands last. */
export function SettingsTab() {
  const tenant = useTenant();
  const may = useMay();
  if (!tenant) return null;
  if (tenant.status === "deleted") return <Text>{words.nothingLeft}</Text>;
  return (
    <Stack>
      <EditDetails tenantKey={tenant.key} />
      {may("tenants:write") && (
        <>
          <MovePool tenant={tenant} />
          <Keeping tenant={tenant} />
          <DangerZone tenant={tenant} />
        </>
      )}
    </Stack>
  );
}

interface LineProps {
  hint: ReactNode;
  children: ReactNode;
}

/** What a button does, and the button. */
export function Line({ hint, children }: LineProps) {
  return (
    <Group justify="space-between" gap="sm" wrap="wrap">
      <Text size="sm" maw="40rem" style={{ flex: "1 1 16rem" }}>
        {hint}
      </Text>
      {children}
    </Group>
  );
}

interface ActionLineProps {
  hint: string;
  label: string;
  onClick: () => void;
  loading?: boolean;
}

/** What an action does, and its button. */
function ActionLine({ hint, label, onClick, loading = false }: ActionLineProps) {
  return (
    <Line hint={hint}>
      <Button variant="default" onClick={onClick} loading={loading}>
        {label}
      </Button>
    </Line>
  );
}

function Keeping({ tenant }: { tenant: Tenant }) {
  const { action, act } = useAct(tenant);
  const { dialog, open, close } = useDialog();
  const offered = offeredActions(tenant);
  const pausing = tenant.paused ? "resume" : "pause";
  const canRotate = offered.includes("rotate");
  const canPause = offered.includes(pausing);
  if (!canRotate && !canPause) return null;
  return (
    <Panel title={words.credentialsAndPause}>
      <Stack>
        {canRotate && (
          <ActionLine
            hint={words.rotateHint}
            label={words.rotate}
            onClick={() => {
              action.reset();
              open("rotate");
            }}
          />
        )}
        {canPause && (
          <ActionLine
            hint={words.pauseHint}
            label={words[pausing]}
            onClick={() => act({ verb: pausing })}
            loading={action.isPending && action.variables.verb === pausing}
          />
        )}
        {action.isError && dialog === undefined && (
          <ProblemAlert title={text.tenant.actionFailed} error={action.error} />
        )}
      </Stack>
      <AskDialog
        opened={dialog === "rotate"}
        onClose={close}
        words={words.rotateDialog}
        name={tenant.key}
        sending={action}
        onConfirm={() => act({ verb: "rotate" }, close)}
      >
        <Text>{words.rotateDialog.body}</Text>
      </AskDialog>
    </Panel>
  );
}

function DangerZone({ tenant }: { tenant: Tenant }) {
  const { action, act } = useAct(tenant);
  const { dialog, open, close } = useDialog();
  const offered = offeredActions(tenant);
  const going = isBeingDeleted(tenant);
  return (
    <Panel title={words.danger}>
      <Stack>
        {offered.includes("suspend") && (
          <ActionLine
            hint={words.suspendHint}
            label={words.suspend}
            onClick={() => {
              action.reset();
              open("suspend");
            }}
          />
        )}
        {(["reactivate", "undelete"] as const).map(
          (verb) =>
            offered.includes(verb) && (
              <ActionLine
                key={verb}
                hint={words[`${verb}Hint`]}
                label={words[verb]}
                onClick={() => act({ verb })}
                loading={action.isPending && action.variables.verb === verb}
              />
            ),
        )}
        {offered.includes("delete") && (
          <Line
            hint={
              <>
                {going ? words.purgeHint : words.removeHint}{" "}
                {going && tenant.purge_at && words.purgeAt(absoluteTime(tenant.purge_at))}
              </>
            }
          >
            <Button color="red" onClick={() => open("delete")}>
              {going ? words.purge : words.remove}
            </Button>
          </Line>
        )}
        {action.isError && dialog === undefined && (
          <ProblemAlert title={text.tenant.actionFailed} error={action.error} />
        )}
      </Stack>
      <AskDialog
        opened={dialog === "suspend"}
        onClose={close}
        words={text.suspend}
        name={tenant.key}
        sending={action}
        onConfirm={() => act({ verb: "suspend" }, close)}
      >
        <Text>{text.suspend.body}</Text>
      </AskDialog>
    </Panel>
  );
}
