import type { Icon } from "@tabler/icons-react";
import type { signedIn } from "./signedIn";

/** What the pages of an area hang below: every one of them has somebody signed in. */
export type SignedIn = typeof signedIn;

/** A line of the rail. */
export interface RailEntry {
  /** The address of the area's first page. */
  to: string;
  label: string;
  icon: Icon;
  /** `operate` is daily work on tenants, `platform` is what carries them. */
  group: "operate" | "platform";
  /** Its place within the group, ascending. */
  order: number;
  /** Hidden from those who may not do this; absent is for everybody. */
  scope?: Scope;
  /** Addresses outside of the first page's that belong to the area too, such as those of its other tabs. */
  holds?: readonly string[];
  /** Further words the palette finds it by. */
  also?: string;
}

/** What a person or key may be allowed to do, in the words of the API. */
export type Scope =
  | "tenants:read"
  | "tenants:write"
  | "tenants:logs"
  | "operations:read"
  | "credentials:reveal"
  | "fleet:read"
  | "fleet:write"
  | "keys:read"
  | "keys:write"
  | "audit:read"
  | "users:read"
  | "users:write"
  | "signups:read"
  | "signups:write";
