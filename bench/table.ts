// What was measured, as a table that can be put into Markdown as it is.

export interface Row {
  work: string;
  ours: string;
  /** What ours is compared with, and how often it goes into ours. */
  against: string;
  ratio: number | undefined;
  /** What we want that ratio to be, e.g. `≤ 1.6`. */
  wanted: string;
  /** By the others' names. */
  others: Record<string, string>;
}

const HEADINGS = ["work", "ours", "compared with", "ratio", "wanted", "others"];

export function markdown(rows: Row[]): string {
  const cells = rows.map(({ work, ours, against, ratio, wanted, others }) => [
    work,
    ours,
    against,
    ratio === undefined ? "–" : ratio.toFixed(2),
    wanted,
    Object.entries(others)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ") || "–",
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]!.length)),
  );
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(HEADINGS), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...cells.map(line)].join("\n");
}

export const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
