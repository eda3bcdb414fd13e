import { ActionIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMenu2 } from "@tabler/icons-react";
import { Outlet } from "@tanstack/react-router";
import { Suspense } from "react";
import { LiveProvider } from "../live/LiveProvider";
import { AfterPaint } from "../parts/AfterPaint";
import { Bars } from "./Bars";
import { CommandKeys } from "./CommandKeys";
import { Header } from "./Header";
import classes from "./Header.module.css";
import { InShell } from "./InShell";
import { LiveDot, MenuDrawer, UserMenu } from "./laterControls";
import { Rail } from "./Rail";
import shellClasses from "./Shell.module.css";
import { shellText } from "./text";

/** What surrounds every page behind the login. */
export function Shell() {
  const [opened, menu] = useDisclosure(false);
  const open = (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={shellText.menu}
      aria-expanded={opened}
      className={shellClasses.open ?? ""}
      onClick={menu.open}
    >
      <IconMenu2 size={20} aria-hidden />
    </ActionIcon>
  );
  return (
    <LiveProvider>
      <Bars />
      <Header start={open} middle={<CommandKeys />} wide>
        <LiveDot />
        <UserMenu />
      </Header>
      <div className={shellClasses.body}>
        <div className={shellClasses.side}>
          <Rail />
        </div>
        <AfterPaint>
          <Suspense>
            <MenuDrawer opened={opened} onClose={menu.close} />
          </Suspense>
        </AfterPaint>
        <main id="content" className={`${classes.main} ${shellClasses.main}`} tabIndex={-1}>
          <InShell value>
            <Outlet />
          </InShell>
        </main>
      </div>
    </LiveProvider>
  );
}
