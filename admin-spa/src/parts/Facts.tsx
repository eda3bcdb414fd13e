import type { ReactNode } from "react";
import { CopyIcon } from "./CopyIcon";
import classes from "./Facts.module.css";
import { partsText } from "./text";

/** One line of facts. */
export interface Fact {
  name: string;
  value: ReactNode;
  /** The text a copy button copies. */
  copy?: string | undefined;
}

/** Names and values in a list; two columns where there is room. Facts without a value are left out. */
export function Facts({ facts }: { facts: readonly (Fact | false | "" | null | undefined)[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(
        (fact) =>
          fact &&
          fact.value !== null &&
          fact.value !== undefined && (
            <div key={fact.name} className={classes.fact}>
              <dt>{fact.name}</dt>
              <dd>
                <span className="wrap-anywhere">{fact.value}</span>
                {fact.copy && (
                  <CopyIcon value={fact.copy} label={partsText.copyOf(fact.name.toLowerCase())} />
                )}
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}
