/** The columns of the picture, from where requests come in to where data is. */
export const columnNames = ["entry", "edge", "places", "servers"] as const;
type ColumnName = (typeof columnNames)[number];

/** A box of the picture. */
export interface TopologyNode {
  id: string;
  column: ColumnName;
  title: string;
  /** Further words, such as its state. */
  lines: readonly string[];
  /** Tenants behind it; null where that is not counted. */
  tenants: number | null;
  /** Tenants behind it that have failed. */
  failing: number;
  isBroken: boolean;
  /** Where a click leads. */
  to: { kind: "pool" | "server"; name: string } | { kind: "routes" | "tenants" } | null;
}

/** A line between two boxes of neighbouring columns. */
export interface TopologyEdge {
  from: string;
  to: string;
  /** Tenants whose requests go this way; null where that is not counted. */
  tenants: number | null;
  isBroken: boolean;
}

/** How many tenants are in which pool and on which server. */
export interface Share {
  /** The pool's id; null for tenants with a container of their own. */
  pool: string | null;
  server: string;
  tenants: number;
  failing: number;
}

/** How high the row of one box is, in pixels; the style of the boxes counts on it. */
export const ROW = 112;

/** The middle of each box of a column of `count` boxes, in a picture that is `height` high. */
export const rowMiddles = (count: number, height: number): number[] =>
  Array.from({ length: count }, (_, row) => height / 2 + (row - (count - 1) / 2) * ROW);

/** How high the picture is. */
export const heightOf = (nodes: readonly TopologyNode[]): number =>
  Math.max(1, ...columnNames.map((name) => nodes.filter(({ column }) => column === name).length)) * ROW;

/** How thick a line is, in pixels: the thickest for all of the fleet, and never too thin to be seen. */
export function widthOf(tenants: number | null, all: number): number {
  if (tenants === null || all <= 0) return 1.5;
  return 1.5 + 8 * Math.sqrt(Math.min(1, tenants / all));
}

/** Lines from each place to each server: counted where the shares are known, else one of each without a number. */
export function edgesBetween(
  places: readonly { id: string; pool: string | null }[],
  servers: readonly { id: string; name: string }[],
  shares: readonly Share[] | null,
): TopologyEdge[] {
  return places.flatMap((place) =>
    servers.flatMap((server): TopologyEdge[] => {
      if (shares === null) return [{ from: place.id, to: server.id, tenants: null, isBroken: false }];
      const mine = shares.filter((share) => share.pool === place.pool && share.server === server.name);
      const tenants = mine.reduce((sum, share) => sum + share.tenants, 0);
      const failing = mine.reduce((sum, share) => sum + share.failing, 0);
      return tenants > 0 ? [{ from: place.id, to: server.id, tenants, isBroken: failing > 0 }] : [];
    }),
  );
}
