import { Kbd, Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, useId, useState } from "react";
import { ProblemAlert } from "../parts/ProblemAlert";
import { useMay } from "../session/useMay";
import { useRail } from "../shell/Rail";
import { type Entry, fixedEntries, matchEntries, readId } from "./entries";
import { idQuery, tenantsQuery } from "./find";
import classes from "./Palette.module.css";
import { paletteText } from "./text";

interface PaletteProps {
  opened: boolean;
  onClose: () => void;
  /** What can be done here, besides going somewhere. */
  acts: readonly Entry[];
}

/** Long enough not to ask for each letter. */
const TYPING_PAUSE_MS = 180;
const LEAST_LETTERS = 2;

/** Goes to any page, tenant or pasted id, and does what needs no page. */
export function Palette({ opened, onClose, acts }: PaletteProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={paletteText.title} size="lg" yOffset="10vh">
      <Search onClose={onClose} acts={acts} />
    </Modal>
  );
}

function Search({ onClose, acts }: Omit<PaletteProps, "opened">) {
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const { entries, isSearching, error } = useEntries(typed, acts);
  const current = entries[Math.min(at, entries.length - 1)];

  const choose = (entry: Entry) => {
    onClose();
    if ("act" in entry.go) entry.go.act();
    else router.history.push(entry.go.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      const next = (Math.min(at, entries.length - 1) + step + entries.length) % entries.length;
      setAt(next);
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && current && !event.nativeEvent.isComposing) {
      event.preventDefault();
      choose(current);
    }
  };
  return (
    <>
      <TextInput
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={current ? `${list}-${entries.indexOf(current)}` : undefined}
        aria-label={paletteText.label}
        placeholder={paletteText.hint}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
      />
      <div className={classes.list} id={list} role="listbox" aria-label={paletteText.results}>
        {entries.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the search line's, as a combobox has them
          <div
            key={entry.id}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={entry === current}
            className={classes.entry}
            onClick={() => choose(entry)}
            onMouseMove={() => setAt(index)}
          >
            <span className="wrap-anywhere">{entry.label}</span>
            <span className={classes.more}>{entry.more ?? paletteText.groups[entry.group]}</span>
          </div>
        ))}
      </div>
      <p className={classes.state} role="status">
        {isSearching ? paletteText.searching : entries.length === 0 && !error ? paletteText.none : ""}
      </p>
      {error !== null && <ProblemAlert error={error} />}
    </>
  );
}

function useEntries(typed: string, acts: readonly Entry[]) {
  const may = useMay();
  const rail = useRail();
  const [asked] = useDebouncedValue(typed.trim(), TYPING_PAUSE_MS);
  const id = readId(asked);
  const seesTenants = may("tenants:read");
  const byId = useQuery({ ...idQuery(id ?? ""), enabled: id !== null });
  const tenants = useQuery({
    ...tenantsQuery(asked),
    enabled: id === null && seesTenants && asked.length >= LEAST_LETTERS,
  });
  const fixed = id === null ? matchEntries([...fixedEntries(rail, may), ...acts], typed) : [];
  return {
    entries: [...(byId.data ?? []), ...fixed, ...(tenants.data ?? [])],
    isSearching: byId.isLoading || tenants.isLoading,
    error: byId.error ?? tenants.error,
  };
}

/** The keys of the console, in a dialog. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={paletteText.keysTitle}>
      <dl className={classes.keys}>
        {paletteText.keys.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(/\s+/).map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
