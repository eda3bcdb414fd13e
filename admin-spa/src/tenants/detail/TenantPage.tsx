import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Outlet } from "@tanstack/react-router";
import { useMemo } from "react";
import { asProblem } from "../../api/problem";
import { tenantQuery } from "../../api/tenants";
import type { Tenant } from "../../api/types";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { Page } from "../../parts/Page";
import { ButtonLink } from "../../parts/RouterLink";
import { type TabLink, TabLinks } from "../../parts/TabLinks";
import { useMay } from "../../session/useMay";
import { text } from "../../text";
import { StatusBadge } from "../StatusBadge";
import { useStatusNews } from "../useStatusNews";
import { ConnectionDialog } from "./ConnectionDialog";
import { DeleteDialog } from "./DeleteDialog";
import { HeaderActions } from "./HeaderActions";
import { TenantState } from "./TenantState";
import { detailText } from "./text";
import { useTenantDrift } from "./useTenantDrift";

const route = getRouteApi("/signed-in/tenants/$key");

/** What all pages of one tenant have in common: its name, its state in words, what can be done at once, its tabs. */
export function TenantPage() {
  const { key } = route.useParams();
  const query = useQuery(tenantQuery(key));
  const tenant = query.data;
  useStatusNews(useMemo(() => (tenant ? [tenant] : []), [tenant]));
  const isGone = query.isError && asProblem(query.error).status === 404;

  return (
    <Page
      title={tenant?.key ?? key}
      beside={tenant && !isGone && <StatusBadge status={tenant.status} />}
      actions={tenant && !isGone && <HeaderActions tenant={tenant} />}
    >
      {isGone ? (
        <EmptyState
          title={detailText.gone}
          action={<ButtonLink to="/tenants">{text.notFound.back}</ButtonLink>}
        >
          {detailText.gonedetail}
        </EmptyState>
      ) : (
        <Loaded query={query} height={220}>
          {(loaded) => (
            <Stack gap="lg">
              <TenantState tenant={loaded} />
              <Tabs tenant={loaded} tenantKey={key} />
              <Outlet />
              <ConnectionDialog tenant={loaded} />
              <DeleteDialog tenant={loaded} />
            </Stack>
          )}
        </Loaded>
      )}
    </Page>
  );
}

function Tabs({ tenant, tenantKey }: { tenant: Tenant; tenantKey: string }) {
  const may = useMay();
  const drift = useTenantDrift(tenantKey).data?.items.length;
  const base = `/tenants/${tenantKey}`;
  const { tabs } = detailText;
  const shown: TabLink[] = [{ to: base, label: tabs.overview, exact: true }];
  if (may("operations:read")) shown.push({ to: `${base}/provisioning`, label: tabs.provisioning });
  if (may("fleet:read")) {
    shown.push({ to: `${base}/resources`, label: tabs.resources, count: drift });
    shown.push({ to: `${base}/routes`, label: tabs.routes });
  }
  shown.push({ to: `${base}/metrics`, label: tabs.metrics });
  if (tenant.tier === "dedicated") {
    shown.push({ to: `${base}/stats`, label: tabs.stats });
    if (may("tenants:logs")) shown.push({ to: `${base}/logs`, label: tabs.logs });
  }
  shown.push({ to: `${base}/activity`, label: tabs.activity });
  shown.push({ to: `${base}/settings`, label: tabs.settings });
  return <TabLinks label={detailText.tabsLabel} tabs={shown} />;
}
