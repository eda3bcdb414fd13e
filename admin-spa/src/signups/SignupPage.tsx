import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Signup } from "../api/types";
import { usePoll } from "../live/LiveProvider";
import { SameWith } from "../parts/CommandLine";
import { ConfirmDialog } from "../parts/ConfirmDialog";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { linkTo } from "../parts/linkTo";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useMay } from "../session/useMay";
import { signupQuery, useApproveSignup, useRefuseSignup } from "./api";
import { SignupBadge } from "./SignupBadge";
import { signupsText } from "./text";

const route = getRouteApi("/signed-in/signups/$id");
const { fields } = signupsText;
const POLL_MS = 10_000;

/** One signup, with the decision about it where it waits for one. */
export function SignupPage() {
  const { id } = route.useParams();
  const refetchInterval = usePoll(POLL_MS, POLL_MS);
  const signup = useQuery({ ...signupQuery(id), refetchInterval });
  const may = useMay();
  return (
    <Page
      title={signup.data?.company_name ?? id}
      beside={signup.data && <SignupBadge state={signup.data.state} />}
    >
      <Loaded query={signup} height={240}>
        {(found) => (
          <Stack>
            {found.state === "waiting_approval" && may("signups:write") && <Decision signup={found} />}
            <SignupFacts signup={found} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function SignupFacts({ signup }: { signup: Signup }) {
  return (
    <Panel title={signupsText.facts}>
      <Facts
        facts={[
          { name: fields.key, value: signup.key, copy: signup.key },
          { name: fields.company, value: signup.company_name },
          signup.email && { name: fields.email, value: signup.email, copy: signup.email },
          signup.email && {
            name: fields.proved,
            value: signup.proved_at ? <TimeAgo at={signup.proved_at} /> : signupsText.notProved,
          },
          signup.contact_name && { name: fields.contact, value: signup.contact_name },
          signup.contact_phone && { name: fields.phone, value: signup.contact_phone },
          signup.tenant_id && {
            name: fields.tenant,
            value: (
              <AnchorLink {...linkTo(`/tenants/${signup.tenant_id}`)}>{signupsText.openTenant}</AnchorLink>
            ),
          },
          signup.has_first_user && { name: fields.firstUser, value: signupsText.fields.firstUserKept },
          { name: fields.created, value: <TimeAgo at={signup.created_at} /> },
          signup.expires_at && { name: fields.until, value: <TimeAgo at={signup.expires_at} /> },
          signup.ended_at && { name: fields.ended, value: <TimeAgo at={signup.ended_at} /> },
          signup.decided_by && { name: fields.by, value: signup.decided_by },
          signup.reason && { name: fields.reason, value: signup.reason },
          { name: fields.id, value: signup.id, copy: signup.id },
        ]}
      />
    </Panel>
  );
}

function Decision({ signup }: { signup: Signup }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const notify = useNotice();
  const approve = useApproveSignup(signup.id);
  const refuse = useRefuseSignup(signup.id);
  return (
    <Panel title={signupsText.decide} hint={signupsText.decideHint}>
      <Group>
        <Button
          loading={approve.isPending}
          onClick={() =>
            approve.mutate(undefined, {
              onSuccess: () => notify({ tone: "green", message: signupsText.approved(signup.company_name) }),
            })
          }
        >
          {signupsText.approve}
        </Button>
        <Button variant="default" onClick={() => setAsking(true)}>
          {signupsText.refuse}
        </Button>
      </Group>
      <SameWith
        cli={`gatewayctl signup approve ${signup.id}`}
        call={{ method: "POST", path: `/api/gateway/signups/${signup.id}/approve` }}
      />
      {approve.isError && <ProblemAlert error={approve.error} />}
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={signupsText.refuseTitle(signup.company_name)}
        submit={signupsText.refuseSubmit}
        danger
        pending={refuse.isPending}
        error={refuse.error}
        onConfirm={() =>
          refuse.mutate(reason.trim(), {
            onSuccess: () => {
              setAsking(false);
              notify({ tone: "green", message: signupsText.refused(signup.company_name) });
            },
          })
        }
      >
        <Text>{signupsText.refuseBody}</Text>
        <TextInput
          label={signupsText.reason}
          description={signupsText.reasonHint}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </ConfirmDialog>
    </Panel>
  );
}
