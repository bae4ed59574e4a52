// Columns as Docker prints them: each as wide as its widest cell and three spaces, ten at least. A column ends with its
// tab, so whatever comes last in a line is not padded. It is Go's text/tabwriter, as far as Docker's tables need it.

import { displayWidth, padTo } from "./width.ts";

const GAP = 3;
const NARROWEST = 10;

/** Lines of tab-separated cells → the same lines, aligned. */
export function alignTabs(text: string, narrowest = NARROWEST): string {
  const rows = text.split("\n").map((line) => line.split("\t"));
  const widths = columnWidths(rows, narrowest);
  return rows.map((row) => alignRow(row, widths)).join("\n");
}

/** A table of `rows` under `headings`, ending with a line break. */
export function table(headings: string[], rows: string[][], narrowest = NARROWEST): string {
  return `${alignTabs([headings, ...rows].map((row) => row.join("\t")).join("\n"), narrowest)}\n`;
}

function columnWidths(rows: string[][], narrowest: number): number[] {
  const count = Math.max(...rows.map((row) => row.length - 1));
  return Array.from({ length: count }, (_, column) => {
    const padded = rows.filter((row) => row.length - 1 > column);
    return Math.max(narrowest, ...padded.map((row) => displayWidth(row[column]!) + GAP));
  });
}

function alignRow(row: string[], widths: number[]): string {
  return row.map((cell, column) => (column < row.length - 1 ? padTo(cell, widths[column]!) : cell)).join("");
}
