import { Code, Stack, Text } from "@mantine/core";
import { Verdict } from "../fleet/Verdict";
import { AnchorLink } from "../parts/RouterLink";
import classes from "./Reports.module.css";
import { Troubles } from "./Troubles";
import { text } from "./text";
import type { VerifyResult } from "./types";

type Violation = VerifyResult["violations"][number];

/** A value of a report in as few characters as it takes. */
const written = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function byPromise(violations: readonly Violation[]): [string, Violation[]][] {
  const groups = new Map<string, Violation[]>();
  for (const violation of violations) {
    groups.set(violation.invariant, [...(groups.get(violation.invariant) ?? []), violation]);
  }
  return [...groups];
}

/** What an audit found: one sentence, then what is not as promised by promise, then what it could not see. */
export function VerifyReport({ report }: { report: VerifyResult }) {
  const { violations, unknown, settling, skipped } = report;
  return (
    <Stack gap="md">
      {violations.length > 0 && <Verdict tone="red">{text.verify.found(violations.length)}</Verdict>}
      {violations.length === 0 && unknown.length > 0 && (
        <Verdict tone="orange">{text.verify.unclear}</Verdict>
      )}
      {violations.length === 0 && unknown.length === 0 && <Verdict tone="green">{text.verify.clean}</Verdict>}
      <Text size="sm" c="dimmed">
        {text.lookedAt(report.tenants)}
        {settling.length > 0 && ` ${text.verify.settling(settling.length)}`}
      </Text>
      {byPromise(violations).map(([number, found]) => (
        <section key={number} aria-label={`${number} ${text.verify.promiseOf(number)}`}>
          <Text fw={600}>
            <Code>{number}</Code> {text.verify.promiseOf(number)}{" "}
            <Text component="span" c="dimmed" fw={400} size="sm">
              {text.verify.count(found.length)}
            </Text>
          </Text>
          <ul className={classes.findings}>
            {found.map((violation) => (
              <li key={`${violation.tenant_id} ${violation.what} ${written(violation.found)}`}>
                <Finding violation={violation} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <Troubles troubles={unknown} />
      {skipped.length > 0 && (
        <Text size="sm" c="dimmed">
          {text.verify.skipped}: {skipped.join("; ")}
        </Text>
      )}
    </Stack>
  );
}

function Finding({ violation }: { violation: Violation }) {
  return (
    <>
      <Text size="sm" className="wrap-anywhere">
        {violation.tenant_key ? (
          <AnchorLink to="/tenants/$key" params={{ key: violation.tenant_key }} fw={600}>
            {violation.tenant_key}
          </AnchorLink>
        ) : (
          <b>{violation.tenant_id ?? text.verify.wholeFleet}</b>
        )}
        : {violation.what}
      </Text>
      <dl className={classes.pair}>
        <dt>{text.verify.expected}</dt>
        <dd>{written(violation.expected)}</dd>
        <dt>{text.verify.foundThere}</dt>
        <dd>{written(violation.found)}</dd>
      </dl>
    </>
  );
}
