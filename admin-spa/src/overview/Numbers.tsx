import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { components } from "../api/schema";
import type { TenantStatus } from "../api/types";
import { usePoll } from "../live/LiveProvider";
import { linkTo } from "../parts/linkTo";
import { duration } from "../time";
import { countQuery } from "./api";
import classes from "./Numbers.module.css";
import { overviewText } from "./text";

const words = overviewText.numbers;
const POLL_MS = 15_000;
const MOVING: readonly TenantStatus[] = ["pending", "provisioning", "purging"];

/** Numbers that lead to the list behind them. */
export function Numbers({ capacity }: { capacity: components["schemas"]["Capacity"] | undefined }) {
  return (
    <ul aria-label={words.label} className={classes.numbers}>
      <TenantCount label={words.active} statuses={["active"]} />
      <TenantCount label={words.moving} hint={words.movingHint} statuses={MOVING} />
      <TenantCount label={words.failed} statuses={["error"]} tone="red" />
      <TenantCount label={words.suspended} statuses={["suspended"]} />
      {capacity && <QueueNumber queue={capacity.queue} />}
      {capacity && (
        <Tile
          to="/capacity"
          label={words.subnets}
          value={capacity.subnets.amount.free?.toLocaleString("en") ?? words.unlimited}
          hint={words.subnetsHint(capacity.subnets.block)}
          tone={capacity.subnets.amount.free !== null && capacity.subnets.amount.free < 1 ? "red" : undefined}
        />
      )}
    </ul>
  );
}

function QueueNumber({ queue }: { queue: components["schemas"]["QueueCapacity"] }) {
  return (
    <Tile
      to="/operations"
      label={words.queue}
      value={(queue.due + queue.behind).toLocaleString("en")}
      hint={
        queue.oldest_seconds === null ? undefined : words.queueHint(duration(queue.oldest_seconds * 1_000))
      }
    />
  );
}

interface TenantCountProps {
  label: string;
  hint?: string;
  statuses: readonly TenantStatus[];
  /** Its colour where the number is not 0. */
  tone?: "red";
}

function TenantCount({ label, hint, statuses, tone }: TenantCountProps) {
  const refetchInterval = usePoll(POLL_MS);
  const { data } = useQuery({ ...countQuery(statuses), refetchInterval });
  return (
    <Tile
      to={`/tenants?status=${statuses.join(",")}`}
      label={label}
      hint={hint}
      value={data && (data.more ? words.atLeast(data.count) : data.count.toLocaleString("en"))}
      tone={data && data.count > 0 ? tone : undefined}
    />
  );
}

interface TileProps {
  to: string;
  label: string;
  /** Absent while it is not known. */
  value: string | undefined;
  hint?: string | undefined;
  tone?: "red" | undefined;
}

function Tile({ to, label, value, hint, tone }: TileProps) {
  return (
    <li>
      <Link {...linkTo(to)} className={classes.tile ?? ""}>
        <span className={classes.value} data-tone={tone}>
          {value ?? <Skeleton height={28} width={48} />}
        </span>
        <span className={classes.label}>{label}</span>
        {hint && (
          <Text component="span" size="xs" c="dimmed">
            {hint}
          </Text>
        )}
      </Link>
    </li>
  );
}
