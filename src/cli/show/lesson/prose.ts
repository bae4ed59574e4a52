// Paragraphs, lists, tables and quotes as lines of a terminal.

import type { Token, Tokens } from "../../../course/lesson/index.ts";
import { displayWidth, padTo } from "../width.ts";
import { flow } from "./flow.ts";
import type { Ink } from "./ink.ts";
import { runsOf } from "./inline.ts";

/** With an empty line between two of them, and none at the end. */
export function proseLines(tokens: readonly Token[], columns: number, ink: Ink): string[] {
  const shown = tokens.filter(({ type }) => !["space", "html", "checkbox"].includes(type));
  return shown.flatMap((token, index) => [...(index > 0 ? [""] : []), ...blockLines(token, columns, ink)]);
}

function blockLines(token: Token, columns: number, ink: Ink): string[] {
  switch (token.type) {
    case "heading":
      return flow(runsOf(token.tokens ?? [], ink, ink.strong), columns);
    case "list":
      return listLines(token as Tokens.List, columns, ink);
    case "table":
      return tableLines(token as Tokens.Table, columns, ink);
    case "blockquote":
      return proseLines(token.tokens ?? [], columns - 2, ink).map((line) => `${ink.faint("▎")} ${line}`);
    case "hr":
      return [ink.faint("─".repeat(columns))];
    default:
      return flow(runsOf([token], ink), columns);
  }
}

// ---- lists

function listLines({ items, ordered, start, loose }: Tokens.List, columns: number, ink: Ink): string[] {
  const marks = items.map((_, index) => (ordered ? `${Number(start || 1) + index}.` : ink.isPlain ? "-" : "•"));
  const indent = Math.max(...marks.map(displayWidth)) + 1;
  return items.flatMap((item, index) => {
    const lines = itemLines(item, columns - indent, ink);
    const [first = "", ...more] = lines;
    const mark = ink.faint(padTo(marks[index]!, indent));
    const apart = loose && index > 0 ? [""] : [];
    return [...apart, mark + first, ...more.map((line) => (line === "" ? "" : " ".repeat(indent) + line))];
  });
}

/** What stands in a tight list has no empty lines between. */
function itemLines({ tokens, loose }: Tokens.ListItem, columns: number, ink: Ink): string[] {
  if (loose) return proseLines(tokens, columns, ink);
  return tokens.filter(({ type }) => type !== "space").flatMap((token) => blockLines(token, columns, ink));
}

// ---- tables

const GAP = 2;

/** As wide as its cells, or if there isn't the room, with the widest columns narrowed until it fits. */
function tableLines({ header, rows }: Tokens.Table, columns: number, ink: Ink): string[] {
  const natural = header.map((_, column) => Math.max(...[header, ...rows].map((row) => cellWidth(row[column]!, ink))));
  const widths = narrowed(natural, columns - GAP * (header.length - 1));
  const rule = ink.faint(widths.map((width) => "─".repeat(width)).join(" ".repeat(GAP)));
  const wraps = rows.some((row) => row.some((cell, column) => cellWidth(cell, ink) > widths[column]!));
  const body = rows.map((row) => rowLines(row, widths, ink));
  return [
    ...rowLines(header, widths, ink).map((line) => ink.strong(line)),
    rule,
    // Rows of several lines need something to tell them apart.
    ...body.flatMap((lines, index) => (wraps && index > 0 ? ["", ...lines] : lines)),
  ];
}

function rowLines(cells: Tokens.TableCell[], widths: number[], ink: Ink): string[] {
  const flowed = cells.map((cell, column) => flow(runsOf(cell.tokens, ink), widths[column]!));
  const height = Math.max(...flowed.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    flowed
      .map((lines, column) => padTo(lines[line] ?? "", widths[column]!))
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
}

function cellWidth({ tokens }: Tokens.TableCell, ink: Ink): number {
  return displayWidth(flow(runsOf(tokens, ink), Number.POSITIVE_INFINITY).join(""));
}

const NARROWEST = 6;

function narrowed(natural: number[], room: number): number[] {
  const widths = [...natural];
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= NARROWEST) break;
    widths[widest]!--;
  }
  return widths;
}
