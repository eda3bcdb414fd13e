import { Radio, Stack, Text, Textarea } from "@mantine/core";
import type { ReactNode } from "react";
import { Field } from "../fleet/Field";
import { FormFrame } from "../fleet/FormFrame";
import type { useForm } from "../fleet/useForm";
import { ContainerFields } from "./ContainerFields";
import type { PoolValues } from "./poolForm";
import { text } from "./text";
import { VariableFields } from "./VariableFields";
import type { Variables } from "./variables";

interface PoolFormProps {
  of: ReturnType<typeof useForm<keyof PoolValues>>;
  variables: Variables;
  onVariables: (variables: Variables) => void;
  /** Names of the variables that the pool has already. */
  kept?: readonly string[];
  /** The pool that is changed has a name already. */
  named: boolean;
  /** Where its members are is a setting. */
  fixed?: boolean;
  pending: boolean;
  submit: string;
  /** The way out. */
  cancel: ReactNode;
  children?: ReactNode;
}

const words = text.form;

/** The fields of a pool. */
export function PoolForm(props: PoolFormProps) {
  const {
    of,
    variables,
    onVariables,
    kept = [],
    named,
    fixed = false,
    pending,
    submit,
    cancel,
    children,
  } = props;
  const isManaged = of.values.kind === "managed";
  return (
    <FormFrame
      of={of}
      failed={words.failed}
      pending={pending}
      submit={submit}
      cancel={cancel}
      after={children}
    >
      {!named && <Field of={of} name="name" label={words.name} hint={words.nameHint} required mono />}
      {!named && (
        <Radio.Group
          label={words.kind}
          name="kind"
          value={of.values.kind}
          onChange={(kind) => of.set("kind", kind)}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="external" label={words.external} description={words.externalHint} />
            <Radio value="managed" label={words.managed} description={words.managedHint} />
          </Stack>
        </Radio.Group>
      )}
      {isManaged ? (
        <>
          <ContainerFields of={of} named={named} />
          <VariableFields
            variables={variables}
            kept={kept}
            onChange={(next) => {
              onVariables(next);
              // What the server said of them is about the former ones.
              of.set("environment", "");
            }}
            error={of.faultOf("environment")}
          />
          {named && (
            <Text size="sm" c="dimmed">
              {words.containersEffect}
            </Text>
          )}
        </>
      ) : (
        <>
          <Textarea
            label={words.members}
            description={fixed ? words.membersFixed : words.membersHint}
            name="members"
            required
            readOnly={fixed}
            rows={4}
            spellCheck={false}
            autoCapitalize="none"
            value={of.values.members}
            onChange={(event) => of.set("members", event.currentTarget.value)}
            error={of.faultOf("members")}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          />
          {named && !fixed && (
            <Text size="sm" c="dimmed">
              {words.membersEffect}
            </Text>
          )}
        </>
      )}
      <Field
        of={of}
        name="capacity"
        label={words.capacity}
        unit={words.capacityUnit}
        hint={words.capacityHint}
        numeric
      />
      <Field of={of} name="weight" label={words.weight} hint={words.weightHint} numeric required />
    </FormFrame>
  );
}
