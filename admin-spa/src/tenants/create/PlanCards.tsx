import { Radio, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { DEFAULT_PLAN, planListQuery } from "../../plans/api";
import { useMay } from "../../session/useMay";
import { planFacts } from "../planFacts";
import { tenantsText } from "../text";
import classes from "./CreateTenantPage.module.css";
import type { TenantForm } from "./useTenantForm";

const words = tenantsText.create;

/** The plans that fit the tier, each with what it allows. */
export function PlanCards({ form }: { form: TenantForm }) {
  const may = useMay();
  const { typed, errors, change } = form;
  const plans = useQuery({ ...planListQuery, enabled: may("fleet:read") }).data;
  const fitting = plans?.filter(({ tier }) => tier === null || tier === typed.tier) ?? [];
  const lost = plans !== undefined && !fitting.some(({ name }) => name === typed.plan);
  useEffect(() => {
    // A plan of the other tier is no choice any more.
    if (lost && typed.plan !== DEFAULT_PLAN) change("plan", { plan: DEFAULT_PLAN });
  });
  if (fitting.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {words.noPlans}
      </Text>
    );
  }
  return (
    <Radio.Group
      label={words.plan}
      name="plan"
      value={typed.plan}
      onChange={(plan) => change("plan", { plan })}
      error={errors.plan}
    >
      <div className={classes.cards}>
        {fitting.map((plan) => (
          <div key={plan.name} className={classes.card} data-chosen={plan.name === typed.plan || undefined}>
            <Radio value={plan.name} label={plan.title || plan.name} description={plan.name} />
            <dl className={classes.limits}>
              {planFacts(plan, typed.tier === "dedicated").map(({ name, value }) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </Radio.Group>
  );
}
