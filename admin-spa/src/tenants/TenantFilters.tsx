import { Group, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { TenantFilter } from "../api/tenants";
import { text } from "../text";
import { statuses } from "./statusLooks";

/** Long enough not to ask for each letter, short enough to feel immediate. */
const TYPING_PAUSE_MS = 250;

interface TenantFiltersProps {
  filter: TenantFilter;
  onChange: (filter: TenantFilter) => void;
}

/** Search and status; both live in the address, so a filtered list can be shared and reloaded. */
export function TenantFilters({ filter, onChange }: TenantFiltersProps) {
  const [typed, setTyped] = useState(filter.q ?? "");
  const sent = useRef(filter.q ?? "");
  const search = useDebouncedCallback((q: string) => {
    sent.current = q.trim();
    onChange({ ...filter, q: sent.current || undefined });
  }, TYPING_PAUSE_MS);

  // The address also changes without typing: back, forward, "clear".
  useEffect(() => {
    const now = filter.q ?? "";
    if (now === sent.current) return;
    sent.current = now;
    setTyped(now);
  }, [filter.q]);

  return (
    <Group gap="sm" mb="md" align="flex-end" role="search">
      <TextInput
        label={text.list.search}
        placeholder={text.list.searchHint}
        type="search"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          search(event.currentTarget.value);
        }}
        style={{ flex: "1 1 14rem", maxWidth: "24rem" }}
      />
      <NativeSelect
        label={text.list.statusFilter}
        value={filter.status ?? ""}
        onChange={(event) => onChange({ ...filter, status: event.currentTarget.value || undefined })}
        data={[
          { value: "", label: text.list.anyStatus },
          ...statuses.map((status) => ({ value: status, label: text.status[status] })),
        ]}
      />
    </Group>
  );
}
