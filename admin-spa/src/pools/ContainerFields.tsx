import { Group } from "@mantine/core";
import { Field } from "../fleet/Field";
import type { useForm } from "../fleet/useForm";
import type { PoolValues } from "./poolForm";
import { text } from "./text";

const words = text.form;

/** What the containers of a managed pool are made from, beside their environment. */
export function ContainerFields({
  of,
  named,
}: {
  of: ReturnType<typeof useForm<keyof PoolValues>>;
  named: boolean;
}) {
  return (
    <>
      <Field
        of={of}
        name="image"
        label={words.image}
        hint={named ? words.imageHint : words.imageUsual}
        required={named}
        mono
      />
      <Group align="flex-start">
        <Field of={of} name="replicas" label={words.replicas} hint={words.replicasHint} numeric required />
        <Field of={of} name="port" label={words.port} hint={words.emptySettings} numeric />
      </Group>
      <Group align="flex-start">
        <Field of={of} name="memory_mib" label={words.memory} unit="MiB" hint={words.emptySettings} numeric />
        <Field of={of} name="cpus" label={words.cpus} hint={words.emptySettings} numeric />
        <Field of={of} name="pids" label={words.pids} hint={words.emptySettings} numeric />
      </Group>
    </>
  );
}
