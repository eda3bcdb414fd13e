import { IconUsers } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { TenantSearch } from "./filter";
import classes from "./ViewTabs.module.css";
import { isShown, type View } from "./views";

interface ViewLinkProps {
  view: View;
  search: TenantSearch;
  /** Who sees it besides, or whose it is. */
  note?: string;
  onOpen?: () => void;
}

/** A view as a tab. */
export function ViewLink({ view, search, note, onOpen }: ViewLinkProps) {
  return (
    <Link
      to="/tenants"
      search={view.search}
      className={classes.tab ?? ""}
      activeProps={{}}
      aria-current={isShown(view, search) ? "page" : undefined}
      data-shown={isShown(view, search) || undefined}
      title={note}
      onClick={onOpen}
    >
      {view.name}
      {note && <IconUsers size={14} role="img" aria-label={note} className={classes.note} />}
    </Link>
  );
}
