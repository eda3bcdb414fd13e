import { ActionIcon, Button, Group, PasswordInput, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { type ReactNode, useRef } from "react";

/** A name and its value while they are typed; the id keeps their fields apart while both are empty. */
export interface Pair {
  id: number;
  name: string;
  value: string;
}

interface PairFieldsProps {
  pairs: readonly Pair[];
  onChange: (pairs: Pair[]) => void;
  /** Names of fields and buttons; places count from 1. */
  words: {
    name: (place: number) => string;
    value: (place: number) => string;
    namePlaceholder: string;
    valuePlaceholder: string;
    /** Names the button that takes a pair away, by its name or place. */
    remove: (name: string) => string;
    add: string;
  };
  /** Values are not shown while they are typed; names the button that shows one. */
  secret?: (place: number) => string;
  /** What is wrong with the name of a pair. */
  errorOf?: (pair: Pair) => string | undefined;
  /** The form's name of the button that adds one, where a form leads the focus to what is wrong. */
  field?: string;
  disabled?: boolean;
  /** As many as there may be. */
  most?: number;
  /** Between the pairs and the button that adds one. */
  children?: ReactNode;
}

const mono = { input: { fontFamily: "var(--mantine-font-family-monospace)" } };

/** Names with values to add, change and take away. */
export function PairFields(props: PairFieldsProps) {
  const { pairs, onChange, words, secret, errorOf, field, disabled = false, most, children } = props;
  const last = useRef(0);
  const change = (id: number, part: Partial<Pair>) =>
    onChange(pairs.map((pair) => (pair.id === id ? { ...pair, ...part } : pair)));
  const add = () => {
    last.current = Math.max(last.current, ...pairs.map(({ id }) => id)) + 1;
    onChange([...pairs, { id: last.current, name: "", value: "" }]);
  };
  return (
    <>
      {pairs.map((pair, at) => (
        <Group key={pair.id} gap="xs" align="flex-start">
          <TextInput
            aria-label={words.name(at + 1)}
            placeholder={words.namePlaceholder}
            value={pair.name}
            onChange={(event) => change(pair.id, { name: event.currentTarget.value })}
            error={errorOf?.(pair)}
            disabled={disabled}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            style={{ flex: "1 1 9rem" }}
            {...(secret ? { styles: mono } : {})}
          />
          <Value
            pair={pair}
            place={at + 1}
            words={words}
            secret={secret}
            disabled={disabled}
            onChange={change}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={words.remove(pair.name || String(at + 1))}
            onClick={() => onChange(pairs.filter(({ id }) => id !== pair.id))}
            disabled={disabled}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {children}
      <div>
        <Button
          {...(field ? { name: field } : {})}
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={add}
          disabled={disabled || (most !== undefined && pairs.length >= most)}
        >
          {words.add}
        </Button>
      </div>
    </>
  );
}

interface ValueProps {
  pair: Pair;
  place: number;
  words: PairFieldsProps["words"];
  secret: PairFieldsProps["secret"];
  disabled: boolean;
  onChange: (id: number, part: Partial<Pair>) => void;
}

function Value({ pair, place, words, secret, disabled, onChange }: ValueProps) {
  const shared = {
    "aria-label": words.value(place),
    placeholder: words.valuePlaceholder,
    value: pair.value,
    onChange: (event: { currentTarget: { value: string } }) =>
      onChange(pair.id, { value: event.currentTarget.value }),
    disabled,
    autoComplete: "off",
    style: { flex: "2 1 11rem" },
  };
  if (!secret) return <TextInput {...shared} spellCheck={false} />;
  return <PasswordInput {...shared} visibilityToggleButtonProps={{ "aria-label": secret(place) }} />;
}
