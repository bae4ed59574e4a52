// Every list can be printed in the same ways: `--format`, `--quiet`, `--no-trunc`, `--filter`.

import { filterPair } from "./filter-flag.ts";
import { type Flag, setters } from "./flags.ts";
import { boolean } from "./values.ts";

export interface ListLook {
  filters: [key: string, value: string][];
  format?: string;
  noTrunc: boolean;
  quiet: boolean;
}

export const listLook = (): ListLook => ({ filters: [], noTrunc: false, quiet: false });

const look = setters<ListLook>();

export const FILTER: Flag<ListLook> = [
  "-f, --filter",
  "filter",
  "Filter output based on conditions provided",
  look.many("filters", filterPair),
];

export const FORMAT: Flag<ListLook> = [
  "--format",
  "string",
  "'table', 'table TEMPLATE', 'json' or a Go template",
  look.one("format", (text) => text),
];

/** `what` is left. */
export const quietFlag = (what: string): Flag<ListLook> => [
  "-q, --quiet",
  "",
  `Only display ${what}`,
  look.one("quiet", boolean),
];

/** `what` is told of the IDs that --quiet leaves. */
export const lookFlags = (what: string): Flag<ListLook>[] => [
  FORMAT,
  ["--no-trunc", "", "Don't truncate output", look.one("noTrunc", boolean)],
  quietFlag(`${what} IDs`),
];

/** The template to use. Both would be two answers to one question; Docker warns, and so do we. */
export function formatOf({ format, quiet }: ListLook): string | undefined {
  if (format === undefined || !quiet) return format;
  process.stderr.write("WARNING: Ignoring custom format, because both --format and --quiet are set.\n");
  return undefined;
}
