import { Button, Group, Menu, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { listAllTenants, type TenantQuery } from "../../api/tenants";
import type { Tenant } from "../../api/types";
import { useNotice } from "../../parts/Notices";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { tenantsText } from "../text";
import { download, writeCsv } from "./csv";
import type { TenantColumn } from "./tenantColumns";

const words = tenantsText.list;

interface ExportMenuProps {
  query: TenantQuery;
  /** The columns that are shown; those are exported. */
  columns: readonly TenantColumn[];
  rows: readonly Tenant[];
}

/** Gives the shown columns of this page, or of all tenants that match, as a file. */
export function ExportMenu({ query, columns, rows }: ExportMenuProps) {
  const notify = useNotice();
  const [count, setCount] = useState(0);
  const stop = useRef<AbortController>(null);
  const save = (tenants: readonly Tenant[]) => {
    download(words.file, writeCsv(columns, tenants));
    notify({ tone: "green", message: words.exported(tenants.length) });
  };
  const all = useMutation({
    mutationFn: () => {
      stop.current = new AbortController();
      setCount(0);
      return listAllTenants(query, stop.current.signal, setCount);
    },
    onSuccess: save,
  });
  const stopped = all.isError && all.error instanceof DOMException && all.error.name === "AbortError";
  return (
    <Group gap="xs">
      {all.isPending && (
        <>
          <Text size="sm" c="dimmed" role="status">
            {words.exporting(count)}
          </Text>
          <Button variant="subtle" size="xs" onClick={() => stop.current?.abort()}>
            {words.exportStop}
          </Button>
        </>
      )}
      {all.isError && !stopped && <ProblemAlert title={words.exportFailed} error={all.error} />}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            loading={all.isPending}
          >
            {words.export}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => save(rows)}>{words.exportPage}</Menu.Item>
          <Menu.Item onClick={() => all.mutate()}>{words.exportAll}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
