import { Anchor, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { AuditEntry } from "../api/types";
import { Badge } from "../parts/Badge";
import type { Column } from "../parts/DataTable";
import { TimeAgo } from "../parts/TimeAgo";
import type { AuditFilter } from "./api";
import classes from "./columns.module.css";
import { pageOf } from "./targets";
import { auditText } from "./text";

const { columns: heads } = auditText;

interface Acts {
  isOpen: (entry: AuditEntry) => boolean;
  onToggle: (entry: AuditEntry) => void;
  onFilter: (part: AuditFilter) => void;
}

const isRefused = (entry: AuditEntry): boolean => entry.status >= 400;

/** The columns of the log; who and what narrow the list, a target opens its page. */
export const columnsOf = ({ isOpen, onToggle, onFilter }: Acts): readonly Column<AuditEntry>[] => [
  {
    id: "at",
    header: heads.at,
    names: true,
    cell: (entry) => (
      <UnstyledButton
        className={classes.link ?? ""}
        aria-expanded={isOpen(entry)}
        title={isOpen(entry) ? auditText.hide : auditText.show}
        onClick={() => onToggle(entry)}
      >
        <TimeAgo at={entry.at} />
        <VisuallyHidden>, {auditText.detailsOf(entry.id)}</VisuallyHidden>
      </UnstyledButton>
    ),
  },
  {
    id: "actor",
    header: heads.actor,
    whole: true,
    cell: (entry) => (
      <Narrow title={auditText.filterBy(entry.actor)} onClick={() => onFilter({ actor: entry.actor })}>
        {entry.actor}
      </Narrow>
    ),
  },
  {
    id: "call",
    header: heads.call,
    whole: true,
    cell: (entry) => (
      <Narrow title={auditText.filterBy(entry.call)} onClick={() => onFilter({ call: entry.call })}>
        {entry.call}
      </Narrow>
    ),
  },
  { id: "target", header: heads.target, cell: (entry) => <Target target={entry.target} /> },
  {
    id: "status",
    header: heads.status,
    cell: (entry) => (
      <Badge
        look={
          isRefused(entry)
            ? { icon: IconCircleX, tone: "red", word: auditText.refused(entry.status, entry.code) }
            : { icon: IconCircleCheck, tone: "green", word: auditText.accepted }
        }
      />
    ),
  },
  { id: "address", header: heads.address, cell: (entry) => entry.address },
];

function Narrow({ title, onClick, children }: { title: string; onClick: () => void; children: string }) {
  return (
    <UnstyledButton className={classes.link ?? ""} title={title} onClick={onClick}>
      {children}
    </UnstyledButton>
  );
}

/** The end of a UUID tells those made at about the same time apart; the whole of it stands in the title. */
const shorten = (target: string): string =>
  target.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{12})$/, "…$1");

function Target({ target }: { target: string | null }) {
  if (!target) return auditText.diff.none;
  const page = pageOf(target);
  const shown = shorten(target);
  if (page === null) {
    return (
      <span className="wrap-anywhere" title={target}>
        {shown}
      </span>
    );
  }
  return (
    <Anchor
      component={Link}
      to={page}
      className="wrap-anywhere"
      title={auditText.openTarget(target)}
      size="sm"
    >
      {shown}
    </Anchor>
  );
}
