import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { operationQuery } from "../api/operations";
import { SameWith } from "../parts/CommandLine";
import { Facts } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { OperationPanel } from "./OperationPanel";
import { operationsText } from "./text";

const route = getRouteApi("/signed-in/operations/$id");
const words = operationsText.page;

/** One operation, with everything that is known of it. */
export function OperationPage() {
  const { id } = route.useParams();
  const operation = useQuery(operationQuery(id, true)).data;
  return (
    <Page title={operation ? words.title(operation.kind, operation.tenant_key) : words.loading}>
      <Stack>
        <OperationPanel key={id} id={id} />
        {operation && (
          <Panel title={operationsText.facts}>
            <Facts
              facts={[
                {
                  name: words.tenant,
                  value: (
                    <AnchorLink to="/tenants/$key" params={{ key: operation.tenant_key }}>
                      {operation.tenant_key}
                    </AnchorLink>
                  ),
                },
                { name: words.by, value: operation.requested_by },
                { name: words.reason, value: operation.reason },
                { name: words.attempt, value: operation.attempt },
                { name: words.created, value: <TimeAgo at={operation.created_at} /> },
                { name: words.started, value: operation.started_at && <TimeAgo at={operation.started_at} /> },
                { name: words.ended, value: operation.ended_at && <TimeAgo at={operation.ended_at} /> },
                operation.repair && { name: words.priority, value: words.lane },
                { name: words.id, value: operation.id, copy: operation.id },
              ]}
            />
          </Panel>
        )}
        <SameWith
          cli={`gatewayctl operation watch ${id}`}
          call={{ method: "GET", path: `/api/gateway/operations/${id}` }}
        />
      </Stack>
    </Page>
  );
}
