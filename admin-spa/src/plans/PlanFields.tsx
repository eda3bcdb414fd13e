import { NativeSelect } from "@mantine/core";
import { Field } from "../fleet/Field";
import type { useForm } from "../fleet/useForm";
import { limitNames, type PlanValues } from "./limits";
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
