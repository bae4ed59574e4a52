// `search`: images whose name or description has the word, at Docker Hub or at another registry.

import type { Roots } from "../../10-containers/folders.ts";
import { Filters } from "../../10-containers/look/filters.ts";
import { type SearchResult, searchImages } from "../../11-registry/index.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { FILTER, type ListLook, listLook, lookFlags } from "../flags/list-flags.ts";
import { boolean, integer } from "../flags/values.ts";
import { interruptible } from "../interrupt.ts";
import { formatList, type Row } from "../show/format.ts";
import { truncate } from "../show/width.ts";

interface Asked extends ListLook {
  limit: number;
}

const search = setters<Asked>();
const [FORMAT, NO_TRUNC] = lookFlags("image");

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    FILTER,
    FORMAT!,
    ["--limit", "int", "Max number of search results (default 25)", search.one("limit", integer)],
    NO_TRUNC!,
  ],
];

const HEADINGS = { Name: "NAME", Description: "DESCRIPTION", StarCount: "STARS", IsOfficial: "OFFICIAL" };
const STANDARD = "table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}";
const WIDEST_DESCRIPTION = 45;

export async function verb(argv: string[], _roots: Roots): Promise<number> {
  const asked: Asked = { ...listLook(), limit: 25 };
  const words = readCommand({ name: "search", operands: ["<term>"], flags: FLAGS, asked }, argv);
  if (words === undefined) return 0;
  const filters = new Filters(asked.filters, ["is-official", "stars"]);
  return interruptible(async (signal) => {
    const found = await searchImages(words[0]!, { signal, limit: asked.limit });
    const rows = found.filter((result) => isWanted(result, filters)).map((result) => row(result, asked.noTrunc));
    process.stdout.write(formatList({ format: asked.format, standard: STANDARD, headings: HEADINGS, rows }));
    return 0;
  });
}

function isWanted({ stars, isOfficial }: SearchResult, filters: Filters): boolean {
  return (
    filters.get("stars").every((least) => stars >= integer(least)) &&
    filters.get("is-official").every((wanted) => boolean(wanted) === isOfficial)
  );
}

/** A description is anybody's: it is one line, and says nothing to the terminal. */
function row({ name, description, stars, isOfficial }: SearchResult, noTrunc: boolean): Row {
  const line = description.replace(/[\s\x00-\x1f\x7f-\x9f]+/g, " ").trim();
  return {
    Name: name,
    Description: noTrunc ? line : truncate(line, WIDEST_DESCRIPTION),
    StarCount: String(stars),
    IsOfficial: isOfficial ? "[OK]" : "",
  };
}
