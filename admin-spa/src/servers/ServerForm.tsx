import { TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { Field } from "../fleet/Field";
import { FormFrame } from "../fleet/FormFrame";
import type { useForm } from "../fleet/useForm";
import type { ServerValues } from "./serverForm";
import { text } from "./text";

interface ServerFormProps {
  of: ReturnType<typeof useForm<keyof ServerValues>>;
  /** The server that is changed has a name already. */
  named: boolean;
  /** Why its address cannot be changed. */
  fixed?: string | undefined;
  pending: boolean;
  submit: string;
  /** The way out. */
  cancel: ReactNode;
  children?: ReactNode;
}

const words = text.form;

/** The fields of a database server. */
export function ServerForm({ of, named, fixed, pending, submit, cancel, children }: ServerFormProps) {
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
      {fixed ? (
        <TextInput label={words.address} description={fixed} value={of.values.address} readOnly />
      ) : (
        <Field of={of} name="address" label={words.address} hint={words.addressHint} required mono />
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
      <Field of={of} name="overcommit" label={words.overcommit} hint={words.overcommitHint} numeric />
      <Field of={of} name="region" label={words.region} hint={words.regionHint} />
    </FormFrame>
  );
}
