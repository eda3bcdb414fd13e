import { Button, Group, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { asProblem } from "../api/problem";
import { useNotice } from "../parts/Notices";
import { saveText } from "../parts/saveText";
import { type AuditFilter, exportAudit } from "./api";
import { auditText } from "./text";

/** Saves all entries a filter matches as a file, one JSON object a line. */
export function ExportButton({ filter }: { filter: AuditFilter }) {
  const [count, setCount] = useState<number | null>(null);
  const running = useRef<AbortController>(undefined);
  const notify = useNotice();
  useEffect(() => () => running.current?.abort(), []);

  const start = async () => {
    const stop = new AbortController();
    running.current = stop;
    setCount(0);
    let entries = 0;
    try {
      const lines = await exportAudit(filter, stop.signal, (so) => {
        entries = so;
        setCount(so);
      });
      saveText("gateway-audit.ndjson", lines, "application/x-ndjson");
      notify({ tone: "green", message: auditText.exported(entries) });
    } catch (error) {
      if (!stop.signal.aborted) notify({ tone: "red", message: asProblem(error).title });
    } finally {
      setCount(null);
    }
  };
  if (count !== null) {
    return (
      <Group gap="xs">
        <Text size="sm">{auditText.exporting(count)}</Text>
        <Button variant="default" onClick={() => running.current?.abort()}>
          {auditText.stop}
        </Button>
      </Group>
    );
  }
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
      onClick={() => void start()}
    >
      {auditText.export}
    </Button>
  );
}
