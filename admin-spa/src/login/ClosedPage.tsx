import { Paper } from "@mantine/core";
import type { ReactNode } from "react";
import { Page } from "../parts/Page";
import { Header } from "../shell/Header";
import headerClasses from "../shell/Header.module.css";

interface ClosedPageProps {
  title: string;
  placesFocus?: boolean;
  children: ReactNode;
}

/** The frame of pages that need nobody signed in. */
export function ClosedPage({ title, placesFocus = false, children }: ClosedPageProps) {
  return (
    <>
      <Header />
      <main id="content" className={headerClasses.main} tabIndex={-1} style={{ maxWidth: "28rem" }}>
        <Page title={title} placesFocus={placesFocus}>
          <Paper withBorder p="lg" bg="var(--surface)">
            {children}
          </Paper>
        </Page>
      </main>
    </>
  );
}
