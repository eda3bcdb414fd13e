import { Link } from "@tanstack/react-router";
import { type ReactNode, Suspense } from "react";
import logo from "../favicon.svg";
import { AfterPaint } from "../parts/AfterPaint";
import { text } from "../text";
import classes from "./Header.module.css";
import { ThemeMenu, VersionBadge } from "./laterControls";

interface HeaderProps {
  /** Before the name: what opens the menu. */
  start?: ReactNode;
  /** In the middle: what leads elsewhere. */
  middle?: ReactNode;
  /** As wide as the window, above a rail. */
  wide?: boolean;
  /** At the end: what only signed-in people see. Drawn, as all that opens something there, when the page is seen. */
  children?: ReactNode;
}

/** The bar on top of every page. */
export function Header({ start, middle, wide = false, children }: HeaderProps) {
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
        <AfterPaint>
          <Suspense>
            <VersionBadge />
          </Suspense>
        </AfterPaint>
        {middle}
        <div className={classes.end}>
          <AfterPaint>
            <Suspense>
              <ThemeMenu />
              {children}
            </Suspense>
          </AfterPaint>
        </div>
      </div>
    </header>
  );
}
