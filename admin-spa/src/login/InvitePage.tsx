import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, unwrap } from "../api/client";
import { meQuery } from "../api/session";
import { useCall } from "../api/useCall";
import { Loaded } from "../parts/Loaded";
import { ProblemAlert } from "../parts/ProblemAlert";
import { TimeAgo } from "../parts/TimeAgo";
import { roleName } from "../session/roles";
import { ClosedPage } from "./ClosedPage";
import { checkNewPassword, NewPasswordFields } from "./NewPasswordFields";
import { NoToken } from "./NoToken";
import { loginText } from "./text";
import { useToken } from "./useToken";

const { invite } = loginText;

/** What a guest does with the link of an invite: looks at it, chooses a password, and is logged in. */
export function InvitePage() {
  const token = useToken();
  return (
    <ClosedPage title={invite.title}>{token === "" ? <NoToken /> : <Accept token={token} />}</ClosedPage>
  );
}

function Accept({ token }: { token: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [wrong, setWrong] = useState<ReturnType<typeof checkNewPassword>>({});
  const shown = useQuery({
    queryKey: ["invite"],
    queryFn: ({ signal }) => unwrap(api.POST("/api/gateway/invites/look", { body: { token }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const accept = useCall(
    (body: { password: string; name?: string }) =>
      unwrap(api.POST("/api/gateway/invites/accept", { body: { token, ...body } })),
    [],
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password") ?? "");
    const name = String(form.get("name") ?? "").trim();
    const found = checkNewPassword(password, String(form.get("repeated") ?? ""));
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    accept.mutate(
      { password, ...(name ? { name } : {}) },
      {
        onSuccess: (me) => {
          queries.setQueryData(meQuery.queryKey, me);
          void navigate({ to: "/", replace: true });
        },
      },
    );
  };
  return (
    <Loaded query={shown}>
      {(guest) => (
        <form onSubmit={submit} noValidate>
          <Stack>
            <Text className="wrap-anywhere">{invite.intro(guest.email, roleName(guest.role))}</Text>
            <Text size="sm" c="dimmed">
              {invite.until} <TimeAgo at={guest.expires_at} />
            </Text>
            {/* Password managers keep the new password under this name. */}
            <input type="hidden" name="username" autoComplete="username" value={guest.email} />
            <TextInput
              label={invite.name}
              description={invite.nameHint}
              name="name"
              defaultValue={guest.name}
              autoComplete="name"
              maxLength={100}
            />
            <NewPasswordFields label={invite.password} wrong={wrong} />
            {accept.isError && <ProblemAlert error={accept.error} />}
            <Button type="submit" loading={accept.isPending}>
              {invite.submit}
            </Button>
          </Stack>
        </form>
      )}
    </Loaded>
  );
}
