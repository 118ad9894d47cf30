/** The inheritance of roles as a graph in levels, and the walk through it by arrow keys. */

import { byText } from "./documents.js";

/** A role and those that it inherits directly. */
export interface GraphRole {
  role: string;
  title: string;
  inherits: readonly string[];
}

/** A role with its place. */
export interface GraphNode extends GraphRole {
  x: number;
  y: number;
  level: number;
}

/** A line from a role to one that it inherits. */
export interface GraphLine {
  from: string;
  to: string;
  /** The data of an SVG path. */
  path: string;
}

/** A drawn graph. */
export interface Graph {
  nodes: readonly GraphNode[];
  lines: readonly GraphLine[];
  width: number;
  height: number;
}

/** The size of a role, and the distance to the next one. */
export const NODE = { width: 208, height: 30, column: 248, row: 42 } as const;

type Links = ReadonlyMap<string, readonly string[]>;

function linksOf(roles: readonly GraphRole[]): { down: Links; up: Links } {
  const known = new Set(roles.map((one) => one.role));
  const down = new Map(roles.map((one) => [one.role, one.inherits.filter((role) => known.has(role)).sort(byText)]));
  const up = new Map<string, string[]>(roles.map((one) => [one.role, []]));
  for (const [role, inherits] of down) for (const one of inherits) up.get(one)?.push(role);
  return { down, up };
}

/** Returns everything that can be reached from a role. */
export function reached(role: string, links: Links): Set<string> {
  const found = new Set<string>();
  const ahead = [role];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    for (const one of links.get(next) ?? []) {
      if (found.has(one)) continue;
      found.add(one);
      ahead.push(one);
    }
  }
  return found;
}

/** Returns the roles around one: those that it inherits, and those that inherit it, at any distance. */
export function around(role: string, roles: readonly GraphRole[]): { below: Set<string>; above: Set<string> } {
  const { down, up } = linksOf(roles);
  return { below: reached(role, down), above: reached(role, up) };
}

/** Returns the longest way down from each role. Roles that inherit nothing are in the last column. */
function heights(down: Links): Map<string, number> {
  const found = new Map<string, number>();
  const height = (role: string): number => {
    const known = found.get(role);
    if (known !== undefined) return known;
    found.set(role, 0);
    const below = (down.get(role) ?? []).map((one) => height(one) + 1);
    found.set(role, Math.max(0, ...below));
    return found.get(role) ?? 0;
  };
  for (const role of down.keys()) height(role);
  return found;
}

/** Orders each column by the mean place of the neighbours, to and fro. */
function ordered(columns: string[][], links: { down: Links; up: Links }): string[][] {
  const place = new Map<string, number>();
  const number = (): void =>
    columns.forEach((column) => column.forEach((role, index) => place.set(role, index - column.length / 2)));
  const sweep = (column: string[], near: Links): void => {
    const mean = (role: string): number => {
      const places = (near.get(role) ?? []).map((one) => place.get(one) ?? 0);
      return places.length === 0 ? (place.get(role) ?? 0) : places.reduce((sum, one) => sum + one, 0) / places.length;
    };
    const means = new Map(column.map((role) => [role, mean(role)]));
    column.sort((one, other) => (means.get(one) ?? 0) - (means.get(other) ?? 0));
  };
  number();
  for (let round = 0; round < 6; round += 1) {
    columns.forEach((column) => sweep(column, links.up));
    number();
    [...columns].reverse().forEach((column) => sweep(column, links.down));
    number();
  }
  return columns;
}

/** Returns the vertical place of each role: close to its neighbours, with room between the roles of a column. */
function levelled(columns: readonly string[][], { down, up }: { down: Links; up: Links }): Map<string, number> {
  const y = new Map<string, number>();
  const longest = Math.max(1, ...columns.map((column) => column.length));
  for (const column of columns) {
    column.forEach((role, index) => y.set(role, (index + (longest - column.length) / 2) * NODE.row));
  }
  for (let round = 0; round < 8; round += 1) {
    for (const column of round % 2 === 0 ? columns : [...columns].reverse()) {
      const wanted = column.map((role) => {
        const near = [...(down.get(role) ?? []), ...(up.get(role) ?? [])].map((one) => y.get(one) ?? 0);
        return near.length === 0 ? (y.get(role) ?? 0) : near.reduce((sum, one) => sum + one, 0) / near.length;
      });
      spread(column, wanted, y);
    }
  }
  const least = Math.min(0, ...y.values());
  for (const [role, value] of y) y.set(role, value - least);
  return y;
}

/** Gives the roles of a column their wanted places, and moves those apart that would overlap. */
function spread(column: readonly string[], wanted: readonly number[], y: Map<string, number>): void {
  let blocks = wanted.map((at) => ({ at, size: 1 }));
  for (let index = 1; index < blocks.length;) {
    const [above, below] = [blocks[index - 1], blocks[index]];
    if (above === undefined || below === undefined || above.at + above.size * NODE.row <= below.at) {
      index += 1;
      continue;
    }
    const size = above.size + below.size;
    const at = (above.at * above.size + (below.at - above.size * NODE.row) * below.size) / size;
    blocks = [...blocks.slice(0, index - 1), { at, size }, ...blocks.slice(index + 1)];
    index = Math.max(1, index - 1);
  }
  let next = 0;
  for (const block of blocks) {
    for (let step = 0; step < block.size; step += 1) {
      const role = column[next];
      if (role !== undefined) y.set(role, block.at + step * NODE.row);
      next += 1;
    }
  }
}

/** Draws roles in columns: each role is on the left of those that it inherits. */
export function layout(roles: readonly GraphRole[]): Graph {
  const links = linksOf(roles);
  const linked = roles.filter(
    ({ role }) => (links.down.get(role) ?? []).length + (links.up.get(role) ?? []).length > 0,
  );
  const height = heights(links.down);
  const tallest = Math.max(0, ...linked.map((one) => height.get(one.role) ?? 0));
  const level = new Map(linked.map(({ role }) => [role, tallest - (height.get(role) ?? 0)]));
  const columns = Array.from({ length: tallest + 1 }, (_, column) =>
    linked.map((one) => one.role).filter((role) => level.get(role) === column),
  );
  ordered(columns, links);
  const y = levelled(columns, links);
  const nodes = linked.map((one) => {
    const column = level.get(one.role) ?? 0;
    return { ...one, level: column, x: column * NODE.column + 4, y: (y.get(one.role) ?? 0) + 4 };
  });
  const places = new Map(nodes.map((node) => [node.role, node]));
  const lines = nodes.flatMap((node) =>
    (links.down.get(node.role) ?? []).flatMap((to) => {
      const end = places.get(to);
      return end === undefined ? [] : [{ from: node.role, to, path: curve(node, end) }];
    }),
  );
  const bottom = Math.max(0, ...nodes.map((node) => node.y)) + NODE.height + 4;
  return { nodes, lines, width: tallest * NODE.column + NODE.width + 8, height: bottom };
}

function curve(from: GraphNode, to: GraphNode): string {
  const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE.height / 2];
  const bend = Math.min(60, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** Returns the role to which an arrow key leads: along the lines to the left and right, or within a column. */
export function step(graph: Graph, role: string, key: string): string | undefined {
  const here = graph.nodes.find((node) => node.role === role);
  if (here === undefined) return key.startsWith("Arrow") ? graph.nodes[0]?.role : undefined;
  const nearest = (nodes: readonly GraphNode[]): string | undefined =>
    [...nodes].sort((one, other) => Math.abs(one.y - here.y) - Math.abs(other.y - here.y))[0]?.role;
  const at = (names: readonly string[]): GraphNode[] => graph.nodes.filter((node) => names.includes(node.role));
  const column = graph.nodes.filter((node) => node.level === here.level);
  switch (key) {
    case "ArrowRight":
      return nearest(at(graph.lines.filter((line) => line.from === role).map((line) => line.to)));
    case "ArrowLeft":
      return nearest(at(graph.lines.filter((line) => line.to === role).map((line) => line.from)));
    case "ArrowUp":
      return nearest(column.filter((node) => node.y < here.y));
    case "ArrowDown":
      return nearest(column.filter((node) => node.y > here.y));
    default:
      return undefined;
  }
}
