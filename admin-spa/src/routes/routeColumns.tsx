import { ActionIcon, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Badge } from "../parts/Badge";
import type { Column } from "../parts/DataTable";
import { AnchorLink } from "../parts/RouterLink";
import { StatusBadge } from "../tenants/StatusBadge";
import { routeLooks } from "./looks";
import { text } from "./text";
import type { Route } from "./types";

const { columns: words } = text.list;

/** The columns of the list of routes; `show` is the tenant whose picture is unfolded. */
export const columnsOf = (
  show: string | undefined,
  onToggle: (key: string) => void,
): readonly Column<Route>[] => [
  {
    id: "tenant",
    header: words.tenant,
    names: true,
    cell: (route) => {
      const open = show === route.tenant_key;
      const Chevron = open ? IconChevronDown : IconChevronRight;
      return (
        <>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            mr={4}
            aria-expanded={open}
            aria-label={text.list.show(route.tenant_key)}
            onClick={() => onToggle(route.tenant_key)}
          >
            <Chevron size={16} aria-hidden />
          </ActionIcon>
          <AnchorLink to="/tenants/$key" params={{ key: route.tenant_key }} fw={600}>
            {route.tenant_key}
          </AnchorLink>
        </>
      );
    },
  },
  { id: "status", header: words.status, cell: (route) => <StatusBadge status={route.tenant_status} /> },
  {
    id: "state",
    header: words.state,
    cell: (route) => (
      <div>
        <Badge look={routeLooks[route.state]} />
        {route.differences.length > 0 && (
          <Text size="xs" c="dimmed">
            {text.list.differing(route.differences.map(({ part }) => part))}
          </Text>
        )}
      </div>
    ),
  },
  {
    id: "rule",
    header: words.rule,
    cell: (route) => <code className="wrap-anywhere">{(route.held ?? route.wanted)?.rule}</code>,
  },
  {
    id: "service",
    header: words.service,
    cell: (route) => <code className="wrap-anywhere">{(route.held ?? route.wanted)?.service}</code>,
  },
];
