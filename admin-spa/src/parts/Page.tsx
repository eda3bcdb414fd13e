import { Group, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { text } from "../text";

let visited = false;

interface PageProps {
  title: string;
  /** Shown beside the heading: a badge, say. */
  beside?: ReactNode;
  /** The page's own buttons, at the end of the heading's line. */
  actions?: ReactNode;
  /** The page puts the focus elsewhere by itself, such as into the one field it has. */
  placesFocus?: boolean;
  children: ReactNode;
}

/**
 * The frame of every page: document title, heading, focus.
 *
 * After a navigation the heading takes the focus, so that keyboards and screen readers start at the new page.
 * The first page of a visit leaves the focus where the browser puts it.
 */
export function Page({ title, beside, actions, placesFocus = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${text.product}`;
    if (visited && !placesFocus) heading.current?.focus({ preventScroll: true });
    visited = true;
  }, [title, placesFocus]);
  return (
    <>
      <Group justify="space-between" mb="lg" gap="sm">
        <Group gap="sm" wrap="wrap">
          <Title order={1} size="h2" tabIndex={-1} ref={heading} className="wrap-anywhere page-heading">
            {title}
          </Title>
          {beside}
        </Group>
        {actions}
      </Group>
      {children}
    </>
  );
}
