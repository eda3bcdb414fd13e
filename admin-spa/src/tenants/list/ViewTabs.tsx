import { ActionIcon, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconBookmarkPlus, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { tenantsText } from "../text";
import type { TenantSearch } from "./filter";
import { useStored } from "./useStored";
import classes from "./ViewTabs.module.css";
import { givenViews, isShown, MOST_VIEWS, readViews, type View, viewSearch } from "./views";

const STORED = "gateway-tenant-views";
const words = tenantsText.views;

/** Views as tabs, those everybody has and those this browser keeps, and a way to keep the present filters. */
export function ViewTabs({ search }: { search: TenantSearch }) {
  const [own, setOwn] = useStored(STORED, readViews);
  const [saving, setSaving] = useState(false);
  const known = [...givenViews, ...own].some((view) => isShown(view, search));
  return (
    <Group gap="xs" justify="space-between" align="center">
      <nav aria-label={words.label} className={classes.tabs}>
        {givenViews.map((view) => (
          <ViewLink key={view.name} view={view} search={search} />
        ))}
        {own.map((view) => (
          <span key={`own ${view.name}`} className={classes.own}>
            <ViewLink view={view} search={search} />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              aria-label={words.remove(view.name)}
              onClick={() => setOwn(own.filter((other) => other !== view))}
            >
              <IconX size={14} aria-hidden />
            </ActionIcon>
          </span>
        ))}
      </nav>
      {!known && (
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconBookmarkPlus size={14} aria-hidden />}
          onClick={() => setSaving(true)}
        >
          {words.save}
        </Button>
      )}
      <SaveView
        opened={saving}
        onClose={() => setSaving(false)}
        full={own.length >= MOST_VIEWS ? own.length : undefined}
        onSave={(name) => {
          setOwn([...own.filter((view) => view.name !== name), { name, search: viewSearch(search) }]);
          setSaving(false);
        }}
      />
    </Group>
  );
}

function ViewLink({ view, search }: { view: View; search: TenantSearch }) {
  return (
    <Link
      to="/tenants"
      search={view.search}
      className={classes.tab ?? ""}
      activeProps={{}}
      aria-current={isShown(view, search) ? "page" : undefined}
      data-shown={isShown(view, search) || undefined}
    >
      {view.name}
    </Link>
  );
}

interface SaveViewProps {
  opened: boolean;
  onClose: () => void;
  /** How many there are, where there is no room for another. */
  full: number | undefined;
  onSave: (name: string) => void;
}

function SaveView({ opened, onClose, full, onSave }: SaveViewProps) {
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim() || full !== undefined) return;
    onSave(name.trim());
    setName("");
  };
  return (
    <Modal opened={opened} onClose={onClose} title={words.saveTitle}>
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{full === undefined ? words.saveHint : words.most(full)}</Text>
          <TextInput
            label={words.name}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={40}
            data-autofocus
            autoComplete="off"
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {words.cancel}
            </Button>
            <Button type="submit" disabled={!name.trim() || full !== undefined}>
              {words.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
