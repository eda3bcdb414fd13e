import { NativeSelect } from "@mantine/core";
import { Field } from "../fleet/Field";
import type { useForm } from "../fleet/useForm";
import { limitNames, networkOf, type PlanValues, planNetworks } from "./limits";
import { text } from "./text";

const words = text.form;

interface PlanFieldsProps {
  of: ReturnType<typeof useForm<keyof PlanValues>>;
  /** The plan that is changed has a name and a tier already. */
  named: boolean;
}

/** The fields of a plan. */
export function PlanFields({ of, named }: PlanFieldsProps) {
  return (
    <>
      {!named && <Field of={of} name="name" label={words.name} hint={words.nameHint} required mono />}
      <Field of={of} name="title" label={words.title} hint={words.titleHint} required />
      {!named && (
        <NativeSelect
          label={words.tier}
          description={words.tierHint}
          name="tier"
          value={of.values.tier}
          onChange={(event) => of.set("tier", event.currentTarget.value)}
          error={of.faultOf("tier")}
          maw="14rem"
          data={[
            { value: "", label: text.tier.any },
            { value: "shared", label: text.tier.shared },
            { value: "dedicated", label: text.tier.dedicated },
          ]}
        />
      )}
      <NetworkField of={of} />
      {limitNames.map((name) => (
        <Field
          key={name}
          of={of}
          name={name}
          label={text.limit[name]}
          unit={text.limitUnit[name]}
          hint={text.limitHint[name]}
          numeric
        />
      ))}
    </>
  );
}

/** What network its tenants have, with what the choice means; there is none in a plan for dedicated tenants. */
function NetworkField({ of }: Pick<PlanFieldsProps, "of">) {
  const fixed = of.values.tier === "dedicated";
  const network = networkOf(of.values);
  return (
    <NativeSelect
      label={words.network}
      description={fixed ? words.networkFixed : text.networkHint[network]}
      name="network"
      value={network}
      disabled={fixed}
      onChange={(event) => of.set("network", event.currentTarget.value)}
      error={of.faultOf("network")}
      maw="14rem"
      data={planNetworks.map((value) => ({ value, label: text.network[value] }))}
    />
  );
}
