import { Text, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { CSSProperties } from "react";
import { AnchorLink } from "../parts/RouterLink";
import classes from "./TopologyPicture.module.css";
import { text } from "./text";
import { columnNames, heightOf, rowMiddles, type TopologyEdge, type TopologyNode, widthOf } from "./topology";

const words = text.topology;
/** The picture is as wide as so many units for each column, a box takes the middle of its column. */
const COLUMN = 100;
const BOX = 72;

interface TopologyPictureProps {
  nodes: readonly TopologyNode[];
  edges: readonly TopologyEdge[];
}

/**
 * Boxes in columns with lines between. The boxes are lists of links that say where they lead, so that the picture reads
 * without being seen; on a narrow screen the columns stand below each other and the lines are left out.
 */
export function TopologyPicture({ nodes, edges }: TopologyPictureProps) {
  const height = heightOf(nodes);
  const columns = columnNames.map((name) => nodes.filter((node) => node.column === name));
  return (
    <section className={classes.frame} aria-label={words.label}>
      <div className={classes.heads} aria-hidden>
        {columnNames.map((name) => (
          <span key={name}>{words.columns[name]}</span>
        ))}
      </div>
      <div className={classes.picture} style={{ "--height": `${height}px` } as CSSProperties}>
        <Lines columns={columns} edges={edges} height={height} />
        <ol className={classes.columns}>
          {columns.map((column, index) => (
            <li key={columnNames[index]} className={classes.column}>
              <h2 className={classes.head}>{words.columns[columnNames[index] ?? "entry"]}</h2>
              <ul className={classes.boxes}>
                {column.map((node) => (
                  <li key={node.id} className={classes.box} data-broken={node.isBroken || node.failing > 0}>
                    <Box node={node} leadsTo={leadsTo(node, nodes, edges)} />
                  </li>
                ))}
                {column.length === 0 && <li className={classes.box}>{words.noServers}</li>}
              </ul>
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

const leadsTo = (
  node: TopologyNode,
  nodes: readonly TopologyNode[],
  edges: readonly TopologyEdge[],
): string[] =>
  edges
    .filter((edge) => edge.from === node.id)
    .flatMap((edge) => nodes.find(({ id }) => id === edge.to)?.title ?? []);

function Box({ node, leadsTo: next }: { node: TopologyNode; leadsTo: readonly string[] }) {
  return (
    <>
      <div className={classes.title}>
        {(node.isBroken || node.failing > 0) && (
          <IconAlertTriangle size={16} aria-hidden color="var(--tone-red)" />
        )}
        <Title node={node} />
      </div>
      {node.lines.map((line) => (
        <Text key={line} size="xs" c="dimmed" className={classes.line ?? ""} title={line}>
          {line}
        </Text>
      ))}
      {node.tenants !== null && (
        <Text size="xs" className="numeric">
          {words.tenants(node.tenants)}
          {node.failing > 0 && `, ${words.failing(node.failing)}`}
        </Text>
      )}
      {next.length > 0 && <VisuallyHidden>{words.goesTo(next)}</VisuallyHidden>}
    </>
  );
}

function Title({ node }: { node: TopologyNode }) {
  const { to, title } = node;
  const look = { size: "sm", fw: 600, className: classes.link ?? "" } as const;
  switch (to?.kind) {
    case "pool":
      return (
        <AnchorLink to="/pools/$name" params={{ name: to.name }} {...look}>
          {title}
        </AnchorLink>
      );
    case "server":
      return (
        <AnchorLink to="/database-servers/$name" params={{ name: to.name }} {...look}>
          {title}
        </AnchorLink>
      );
    case "routes":
      return (
        <AnchorLink to="/routes" {...look}>
          {title}
        </AnchorLink>
      );
    case "tenants":
      return (
        <AnchorLink to="/tenants" {...look}>
          {title}
        </AnchorLink>
      );
    case undefined:
      return (
        <Text component="span" size="sm" fw={600} className={classes.link ?? ""}>
          {title}
        </Text>
      );
  }
}

interface LinesProps {
  columns: readonly (readonly TopologyNode[])[];
  edges: readonly TopologyEdge[];
  height: number;
}

/** The lines behind the boxes, which say in words what the lines show. */
function Lines({ columns, edges, height }: LinesProps) {
  const places = new Map<string, { column: number; y: number }>();
  for (const [column, nodes] of columns.entries()) {
    const middles = rowMiddles(nodes.length, height);
    for (const [row, node] of nodes.entries()) places.set(node.id, { column, y: middles[row] ?? 0 });
  }
  const all = Math.max(0, ...edges.map((edge) => edge.tenants ?? 0));
  return (
    <svg
      className={classes.lines}
      viewBox={`0 0 ${COLUMN * columns.length} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {edges.map((edge) => {
        const from = places.get(edge.from);
        const to = places.get(edge.to);
        if (!from || !to) return null;
        const start = from.column * COLUMN + (COLUMN + BOX) / 2;
        const end = to.column * COLUMN + (COLUMN - BOX) / 2;
        const middle = (start + end) / 2;
        return (
          <path
            key={`${edge.from} ${edge.to}`}
            d={`M ${start} ${from.y} C ${middle} ${from.y} ${middle} ${to.y} ${end} ${to.y}`}
            className={classes.edge}
            data-broken={edge.isBroken}
            data-counted={edge.tenants !== null}
            strokeWidth={widthOf(edge.tenants, all)}
            vectorEffect="non-scaling-stroke"
          />
        );
      })}
    </svg>
  );
}
