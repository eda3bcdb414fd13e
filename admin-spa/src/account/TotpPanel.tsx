import { Button, Group, Text } from "@mantine/core";
import { IconShieldCheck, IconShieldOff } from "@tabler/icons-react";
import { useState } from "react";
import { Badge } from "../parts/Badge";
import { useNotice } from "../parts/Notices";
import { Panel } from "../parts/Panel";
import { SecretDialog } from "../parts/SecretDialog";
import { saveText } from "../parts/saveText";
import { useDisableTotp, useRenewCodes } from "./api";
import { EnrolDialog } from "./EnrolDialog";
import { ProofDialog } from "./ProofDialog";
import { accountText } from "./text";

const words = accountText.totp;

type Dialog = "enrol" | "renew" | "remove" | null;

/** The second factor: turns it on and off, and makes new recovery codes. */
export function TotpPanel({ enabled }: { enabled: boolean }) {
  const [dialog, setDialog] = useState<Dialog>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const notify = useNotice();
  const disable = useDisableTotp();
  const renew = useRenewCodes();
  const close = () => {
    setDialog(null);
    disable.reset();
    renew.reset();
  };
  return (
    <Panel
      title={words.title}
      actions={
        <Badge
          look={
            enabled
              ? { icon: IconShieldCheck, tone: "green", word: words.isOnWord }
              : { icon: IconShieldOff, tone: "orange", word: words.isOffWord }
          }
        />
      }
    >
      <Text mb="sm">{enabled ? words.on : words.off}</Text>
      <Group gap="xs">
        {enabled ? (
          <>
            <Button variant="default" onClick={() => setDialog("renew")}>
              {words.renew}
            </Button>
            <Button variant="default" onClick={() => setDialog("remove")}>
              {words.remove}
            </Button>
          </>
        ) : (
          <Button onClick={() => setDialog("enrol")}>{words.begin}</Button>
        )}
      </Group>
      <EnrolDialog
        opened={dialog === "enrol"}
        onClose={close}
        onDone={(made) => {
          close();
          setCodes(made);
          notify({ tone: "green", message: words.isOn });
        }}
      />
      <ProofDialog
        opened={dialog === "renew"}
        onClose={close}
        title={words.renewTitle}
        submit={words.renewSubmit}
        pending={renew.isPending}
        error={renew.error}
        onSubmit={(proof) =>
          renew.mutate(proof, {
            onSuccess: ({ recovery_codes }) => {
              close();
              setCodes(recovery_codes);
            },
          })
        }
      />
      <ProofDialog
        opened={dialog === "remove"}
        onClose={close}
        title={words.removeTitle}
        hint={words.removeHint}
        submit={words.removeSubmit}
        danger
        pending={disable.isPending}
        error={disable.error}
        onSubmit={(proof) =>
          disable.mutate(proof, {
            onSuccess: () => {
              close();
              notify({ tone: "green", message: words.isOff });
            },
          })
        }
      />
      <SecretDialog
        title={words.codesTitle}
        secrets={codes && [{ name: words.codesTitle, value: codes.join("\n") }]}
        done={words.codesDone}
        onClose={() => setCodes(null)}
      >
        <Text size="sm">{words.codesHint}</Text>
        <Button variant="default" onClick={() => codes && saveText(words.downloadName, codes.join("\n"))}>
          {words.download}
        </Button>
      </SecretDialog>
    </Panel>
  );
}
