import { Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { versionQuery } from "../api/session";
import logo from "../favicon.svg";
import { text } from "../text";
import classes from "./Header.module.css";
import { ThemeMenu } from "./ThemeMenu";

/** The bar on top of every page. `children` is what only signed-in people see. */
export function Header({ navigation, children }: { navigation?: ReactNode; children?: ReactNode }) {
  const version = useQuery(versionQuery);
  return (
    <header className={classes.header}>
      <a href="#content" className={classes.skip}>
        {text.skipToContent}
      </a>
      <div className={classes.inner}>
        <Link to="/tenants" className={classes.brand} aria-label={text.home}>
          <img src={logo} alt="" width={24} height={24} />
          <span>{text.product}</span>
        </Link>
        {version.data && (
          <Tooltip label={text.versionHint(version.data.commit, version.data.built_at)}>
            <Text component="span" size="sm" c="dimmed" className="numeric">
              {text.version(version.data.version)}
            </Text>
          </Tooltip>
        )}
        {navigation}
        <div className={classes.end}>
          <ThemeMenu />
          {children}
        </div>
      </div>
    </header>
  );
}
