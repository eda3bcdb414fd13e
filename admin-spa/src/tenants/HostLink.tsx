import { Anchor } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import type { Tenant } from "../api/types";
import { text } from "../text";

/** The tenant's host, as a link once there is something to open. */
export function HostLink({ tenant }: { tenant: Pick<Tenant, "host" | "url" | "status"> }) {
  if (!tenant.host) return text.none;
  if (!tenant.url || tenant.status !== "active") return <span className="wrap-anywhere">{tenant.host}</span>;
  return (
    <Anchor
      href={tenant.url}
      target="_blank"
      rel="noopener noreferrer"
      inherit
      className="wrap-anywhere"
      aria-label={text.list.opens(tenant.host)}
    >
      {tenant.host}&nbsp;
      <IconExternalLink size={14} aria-hidden style={{ verticalAlign: "-0.12em" }} />
    </Anchor>
  );
}
