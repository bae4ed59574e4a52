// How a list is printed: as the command's own table, as a table of the fields one names, as JSON, or through any template.
// See `docker ps --format`.

import { alignTabs } from "./table.ts";
import { FUNCTIONS, type TemplateFunction } from "./template/functions.ts";
import { compileTemplate, type Filled } from "./template.ts";

/** One line of a list, by Docker's field names: texts, or getters and methods for what is costly. */
export type Row = Record<string, unknown>;

export interface Listing {
  /** `--format`; undefined for the command's own. */
  format: string | undefined;
  /** The command's own: `table {{.ID}}\t{{.Names}}`. */
  standard: string;
  /** What stands above each field's column. */
  headings: Record<string, string>;
  /** `-q`: this field alone. */
  quiet?: string | undefined;
  rows: Row[];
}

/** The text to print, line breaks and all. Of an empty list only the headings of a table. */
export function formatList({ format, standard, headings, quiet, rows }: Listing): string {
  if (quiet !== undefined) return lines(rows.map((row) => String(row[quiet])));
  if (format === "json") return lines(rows.map((row) => JSON.stringify(row)));
  const chosen = format === undefined || format === "" || format === "table" ? standard : format;
  const isTable = chosen.startsWith("table");
  const fill = compileTemplate(templateOf(chosen));
  const filled = rows.map((row) => fill(row));
  return isTable ? alignTabs(lines([headingLine(fill, headings), ...filled])) : lines(filled);
}

/** People write `\t` in single quotes and mean a tab. */
function templateOf(format: string): string {
  const template = format.replace(/^table/, "").replace(/^ +| +$/g, "");
  return template.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
}

function lines(texts: string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}

const KEPT = ["json", "join", "split", "upper", "lower", "title", "truncate"];
const asItIs: TemplateFunction = (heading) => heading;
const HEADING_FUNCTIONS = { ...FUNCTIONS, ...Object.fromEntries(KEPT.map((name) => [name, asItIs])) };

/** The template filled in with headings: what would change a value leaves them as they are. */
function headingLine(fill: Filled, headings: Record<string, string>): string {
  const label = (name: string) => name.split(".").at(-1)!.replace(/[-_]/g, " ");
  return fill({ ...headings, Label: label }, HEADING_FUNCTIONS);
}
