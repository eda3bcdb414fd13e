import { Button, Skeleton, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import { linkTo } from "../parts/linkTo";
import { useNotice } from "../parts/Notices";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { useMay } from "../session/useMay";
import { text } from "../text";
import classes from "./Attention.module.css";
import { useRepairDrift, useRetryTenant } from "./api";
import { type Finding, findWhatNeedsAttention, type Known } from "./findings";
import { overviewText } from "./text";

const words = overviewText.attention;

interface AttentionProps {
  known: Known;
  isPending: boolean;
  isIncomplete: boolean;
}

/** What needs a person, each with the button that fixes it or the page that shows how. */
export function Attention({ known, isPending, isIncomplete }: AttentionProps) {
  const findings = findWhatNeedsAttention(known);
  return (
    <Panel title={words.title}>
      {findings.length === 0 && isPending && <Skeleton height={48} role="status" aria-label={text.loading} />}
      {findings.length === 0 && !isPending && !isIncomplete && (
        <Text className={classes.fine ?? ""}>
          <IconCircleCheck size={18} aria-hidden /> {words.nothing}
        </Text>
      )}
      {isIncomplete && (
        <Text size="sm" c="dimmed">
          {words.unseen}
        </Text>
      )}
      {findings.length > 0 && (
        <ul className={classes.list}>
          {findings.map((finding) => (
            <Line key={finding.id} finding={finding} />
          ))}
          {known.failed?.next_cursor && (
            <li className={classes.line}>
              <ButtonLink {...linkTo("/tenants?status=error")} variant="subtle" size="xs">
                {words.moreFailed}
              </ButtonLink>
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
}

function Line({ finding }: { finding: Finding }) {
  const LineIcon = finding.tone === "blue" ? IconInfoCircle : IconAlertTriangle;
  return (
    <li className={classes.line} data-tone={finding.tone}>
      <LineIcon size={18} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <Text fw={600} className="wrap-anywhere">
          {finding.title}
        </Text>
        {finding.hint && (
          <Text size="sm" c="dimmed" className="wrap-anywhere" lineClamp={3} title={finding.hint}>
            {finding.hint}
          </Text>
        )}
      </div>
      <div className={classes.acts}>
        <Fix finding={finding} />
        <ButtonLink {...linkTo(finding.to)} variant="default" size="xs">
          {finding.linkWords}
        </ButtonLink>
      </div>
    </li>
  );
}

function Fix({ finding: { fix } }: { finding: Finding }) {
  const may = useMay();
  const notify = useNotice();
  const retry = useRetryTenant();
  const repair = useRepairDrift();
  const error = retry.error ?? repair.error;
  if (fix?.verb === "retry" && may("tenants:write")) {
    const { tenant } = fix;
    return (
      <>
        <Button
          size="xs"
          loading={retry.isPending}
          aria-label={`${words.retry} ${tenant.key}`}
          onClick={() =>
            retry.mutate(tenant, {
              onSuccess: () => notify({ tone: "blue", message: words.retried(tenant.key) }),
            })
          }
        >
          {words.retry}
        </Button>
        {error && <ProblemAlert error={error} />}
      </>
    );
  }
  if (fix?.verb === "repair" && may("fleet:write")) {
    return (
      <>
        <Button
          size="xs"
          loading={repair.isPending}
          onClick={() =>
            repair.mutate(fix.tenants, {
              onSuccess: () => notify({ tone: "blue", message: words.repaired }),
            })
          }
        >
          {words.repair}
        </Button>
        {error && <ProblemAlert error={error} />}
      </>
    );
  }
  return null;
}
