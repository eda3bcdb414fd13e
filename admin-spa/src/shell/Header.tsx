import { Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { versionQuery } from "../api/session";
import logo from "../favicon.svg";
import { useAfterPaint } from "../parts/useAfterPaint";
import { text } from "../text";
import { EnvironmentBadge } from "./EnvironmentBadge";
import classes from "./Header.module.css";
import { ThemeMenu } from "./ThemeMenu";

interface HeaderProps {
  /** Before the name: what opens the menu. */
  start?: ReactNode;
  /** In the middle: what leads elsewhere. */
  middle?: ReactNode;
  /** As wide as the window, above a rail. */
  wide?: boolean;
  /** At the end: what only signed-in people see. */
  children?: ReactNode;
}

/** The bar on top of every page. */
export function Header({ start, middle, wide = false, children }: HeaderProps) {
  const version = useQuery({ ...versionQuery, enabled: useAfterPaint() });
  return (
    <header className={classes.header}>
      <a href="#content" className={classes.skip}>
        {text.skipToContent}
      </a>
      <div className={classes.inner} data-wide={wide || undefined}>
        {start}
        <Link to="/" className={classes.brand} aria-label={text.home}>
          <img src={logo} alt="" width={24} height={24} />
          <span>{text.product}</span>
        </Link>
        {version.data && (
          <Tooltip label={text.versionHint(version.data.commit, version.data.built_at)}>
            <Text component="span" size="sm" c="dimmed" className={classes.version ?? ""}>
              {text.version(version.data.version)}
            </Text>
          </Tooltip>
        )}
        {version.data && <EnvironmentBadge environment={version.data.environment} />}
        {middle}
        <div className={classes.end}>
          <ThemeMenu />
          {children}
        </div>
      </div>
    </header>
  );
}
