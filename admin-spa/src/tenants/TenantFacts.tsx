import { Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { Tenant } from "../api/types";
import { CopyIcon } from "../parts/CopyIcon";
import { TimeAgo } from "../parts/TimeAgo";
import { text } from "../text";
import { HostLink } from "./HostLink";
import classes from "./TenantFacts.module.css";

const { fields } = text.tenant;

/** What is known about a tenant; what it does not have is left out. */
export function TenantFacts({ tenant }: { tenant: Tenant }) {
  const heading = useId();
  return (
    <section aria-labelledby={heading}>
      <Title order={2} size="h4" mb="sm" id={heading}>
        {text.tenant.facts}
      </Title>
      <dl className={classes.facts}>
        <Fact name={fields.host}>{tenant.host && <HostLink tenant={tenant} />}</Fact>
        <Fact name={fields.tier}>{text.tier[tenant.tier]}</Fact>
        <Fact name={fields.database} copy={tenant.database}>
          {tenant.database}
        </Fact>
        <Fact name={fields.server}>{tenant.server}</Fact>
        <Fact name={fields.migration}>{tenant.migration_version}</Fact>
        <Fact name={fields.subnet}>{tenant.subnet}</Fact>
        <Fact name={fields.image}>{tenant.container_image}</Fact>
        <Fact name={fields.pool} copy={tenant.pool_id}>
          {tenant.pool_id}
        </Fact>
        <Fact name={fields.generation}>
          {text.tenant.generation(tenant.generation, tenant.observed_generation)}
        </Fact>
        <Fact name={fields.attempt}>{tenant.attempt > 1 ? tenant.attempt : null}</Fact>
        <Fact name={fields.created}>
          <TimeAgo at={tenant.created_at} />
        </Fact>
        <Fact name={fields.updated}>
          <TimeAgo at={tenant.updated_at} />
        </Fact>
        <Fact name={fields.deleted}>{tenant.deleted_at && <TimeAgo at={tenant.deleted_at} />}</Fact>
        <Fact name={fields.id} copy={tenant.id}>
          {tenant.id}
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, copy, children }: { name: string; copy?: string | null; children: ReactNode }) {
  if (children === null || children === undefined || children === "") return null;
  return (
    <div data-long={copy ? true : undefined}>
      <dt>{name}</dt>
      <dd>
        <span className="wrap-anywhere">{children}</span>
        {copy && <CopyIcon value={copy} label={text.tenant.copy(name)} />}
      </dd>
    </div>
  );
}
