import { ActionIcon, Button, Group, Menu, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconFilter, IconSearch, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import classes from "./TokenSearch.module.css";
import { partsText } from "./text";
import { isSameToken, readTyped, type Token, type Typed, writeToken } from "./tokens";

/** A filter that can be typed or chosen. */
export interface TokenField {
  /** What is typed before the colon. */
  name: string;
  /** Its name in the menu. */
  label: string;
  /** The values to choose from; without them it can only be typed. */
  values?: readonly { value: string; label: string }[];
  /** May be given several times, with different values; otherwise the last one counts. */
  repeats?: boolean;
}

interface TokenSearchProps {
  fields: readonly TokenField[];
  typed: Typed;
  onChange: (typed: Typed) => void;
  /** Where the list cannot be searched by words, only filters are taken. */
  hint?: string;
}

/** Long enough not to ask for each letter, short enough to feel immediate. */
const TYPING_PAUSE_MS = 250;

/** Adds a filter to those that are there. */
function addToken(tokens: readonly Token[], added: Token, fields: readonly TokenField[]): Token[] {
  const repeats = fields.find((field) => field.name === added.name)?.repeats ?? false;
  const kept = tokens.filter((one) => (repeats ? !isSameToken(one, added) : one.name !== added.name));
  return [...kept, added];
}

/** A search line that takes words and typed filters (`status:error`); filters become chips. `/` puts the focus into it. */
export function TokenSearch({ fields, typed, onChange, hint }: TokenSearchProps) {
  const [line, setLine] = useState(typed.words);
  const sent = useRef(typed.words);
  const input = useRef<HTMLInputElement>(null);
  useSlash(input);

  // The address also changes without typing: back, forward, "clear".
  useEffect(() => {
    if (typed.words === sent.current) return;
    sent.current = typed.words;
    setLine(typed.words);
  }, [typed.words]);

  const names = fields.map((field) => field.name);
  const send = (value: string, isDone: boolean) => {
    // While a filter is still being typed it is a word; a space or Enter ends it.
    const ends = isDone || value.endsWith(" ");
    const found = ends ? readTyped(value, names) : { tokens: [], words: value.trim() };
    if (!ends && /(^|\s)[a-z_]+:\S*$/i.test(value) && readTyped(value, names).tokens.length > 0) return;
    const tokens = found.tokens.reduce<Token[]>((all, one) => addToken(all, one, fields), typed.tokens);
    sent.current = found.words;
    if (found.tokens.length > 0) setLine(found.words);
    onChange({ tokens, words: found.words });
  };
  const sendSoon = useDebouncedCallback((value: string) => send(value, false), TYPING_PAUSE_MS);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") {
      // What was about to be sent is a part of this line, and would be sent after it.
      sendSoon.cancel();
      send(event.currentTarget.value, true);
    }
    if (event.key === "Backspace" && event.currentTarget.value === "" && typed.tokens.length > 0)
      onChange({ ...typed, tokens: typed.tokens.slice(0, -1) });
  };
  const menu = fields.filter((field) => field.values && field.values.length > 0);

  return (
    <search className={classes.search}>
      <Group gap="xs" align="flex-end">
        <TextInput
          ref={input}
          label={partsText.search.label}
          placeholder={hint ?? partsText.search.hint}
          type="search"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={line}
          onChange={(event) => {
            setLine(event.currentTarget.value);
            sendSoon(event.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
          className={classes.input ?? ""}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        {menu.length > 0 && (
          <FilterMenu
            fields={menu}
            onAdd={(token) => onChange({ ...typed, tokens: addToken(typed.tokens, token, fields) })}
          />
        )}
      </Group>
      {typed.tokens.length > 0 && (
        <Chips
          tokens={typed.tokens}
          fields={fields}
          onRemove={(gone) =>
            onChange({ ...typed, tokens: typed.tokens.filter((one) => !isSameToken(one, gone)) })
          }
          onClear={() => onChange({ tokens: [], words: "" })}
        />
      )}
    </search>
  );
}

function FilterMenu({ fields, onAdd }: { fields: readonly TokenField[]; onAdd: (token: Token) => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconFilter size={16} aria-hidden />}>
          {partsText.search.add}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu ?? ""}>
        {fields.map((field) => [
          <Menu.Label key={field.name}>{field.label}</Menu.Label>,
          ...(field.values ?? []).map(({ value, label }) => (
            <Menu.Item key={`${field.name} ${value}`} onClick={() => onAdd({ name: field.name, value })}>
              {label}
            </Menu.Item>
          )),
        ])}
      </Menu.Dropdown>
    </Menu>
  );
}

interface ChipsProps {
  tokens: readonly Token[];
  fields: readonly TokenField[];
  onRemove: (token: Token) => void;
  onClear: () => void;
}

function Chips({ tokens, fields, onRemove, onClear }: ChipsProps) {
  return (
    <ul className={classes.chips} aria-label={partsText.search.chips}>
      {tokens.map((token) => {
        const field = fields.find((one) => one.name === token.name);
        const value = field?.values?.find((one) => one.value === token.value)?.label ?? token.value;
        const words = `${field?.label ?? token.name}: ${value}`;
        return (
          <li key={writeToken(token)} className={classes.chip} title={writeToken(token)}>
            <span className="wrap-anywhere">{words}</span>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              aria-label={partsText.search.remove(words)}
              onClick={() => onRemove(token)}
            >
              <IconX size={14} aria-hidden />
            </ActionIcon>
          </li>
        );
      })}
      <li>
        <Button variant="subtle" size="compact-sm" onClick={onClear}>
          {partsText.search.clear}
        </Button>
      </li>
    </ul>
  );
}

function useSlash(input: React.RefObject<HTMLInputElement | null>) {
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, select, [contenteditable], [role=dialog]")) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [input]);
}
