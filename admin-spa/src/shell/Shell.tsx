import { Link, Outlet } from "@tanstack/react-router";
import { text } from "../text";
import { Header } from "./Header";
import classes from "./Header.module.css";
import { UserMenu } from "./UserMenu";

/** What surrounds every page behind the login. */
export function Shell() {
  const navigation = (
    <nav aria-label={text.navigation} className={classes.nav}>
      <Link to="/tenants" activeOptions={{ exact: false, includeSearch: false }}>
        {text.tenants}
      </Link>
    </nav>
  );
  return (
    <>
      <Header navigation={navigation}>
        <UserMenu />
      </Header>
      <main id="content" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}
