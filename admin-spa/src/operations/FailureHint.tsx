import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { AnchorLink } from "../parts/RouterLink";
import { failureAnchor, failuresQuery } from "./failures";
import { Marked } from "./Marked";
import classes from "./Timeline.module.css";
import { operationsText as words } from "./text";

/** What a failure code means and what to do about it, from the documentation. Nothing where it is not explained there. */
export function FailureHint({ code }: { code: string }) {
  const failure = useQuery(failuresQuery).data?.find((known) => known.code === code);
  if (!failure) return null;
  return (
    <dl className={classes.hint}>
      <div>
        <dt>{words.hint.meaning}</dt>
        <dd>
          <Marked>{failure.meaning}</Marked>
        </dd>
      </div>
      {failure.remedy && (
        <div>
          <dt>{words.hint.remedy}</dt>
          <dd>
            <Marked>{failure.remedy}</Marked>{" "}
            <Text component="span" size="sm">
              <AnchorLink to="/failure-codes" hash={failureAnchor(code)} inherit>
                {words.hint.more(code)}
              </AnchorLink>
            </Text>
          </dd>
        </div>
      )}
    </dl>
  );
}
