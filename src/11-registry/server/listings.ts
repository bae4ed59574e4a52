// What there is: the repositories, and a repository's tags, in parts if that is asked for. See the OCI distribution
// specification, "Listing Tags"; the list of repositories is the older Docker Registry HTTP API's.

import { entriesOf, servedEntries } from "./contents.ts";
import { Refusal } from "./errors.ts";
import type { Asked, Reply } from "./exchange.ts";
import type { Registry } from "./registry.ts";

/** `GET /v2/<name>/tags/list?n=<how many>&last=<after which>` */
export function listTags({ root, waiting }: Registry, { repository, name, query }: Asked): Reply {
  const entries = entriesOf(root, repository);
  if (entries.length === 0 && !waiting.isIn(repository))
    throw new Refusal("NAME_UNKNOWN", `there is no repository ${name}`);
  const { items, headers } = pageOf(unique(entries.flatMap(({ tag }) => tag ?? [])), `/v2/${name}/tags/list`, query);
  return { status: 200, headers, json: { name, tags: items } };
}

/** `GET /v2/_catalog?n=<how many>&last=<after which>` */
export function listRepositories({ root }: Registry, { query }: Asked): Reply {
  const all = servedEntries(root).map(({ repository }) => repository);
  const { items, headers } = pageOf(unique(all), "/v2/_catalog", query);
  return { status: 200, headers, json: { repositories: items } };
}

interface Page {
  items: string[];
  headers: Record<string, string>;
}

/** Whoever has the last item of a page has the address of the next one: nothing is remembered here. */
function pageOf(all: string[], path: string, query: URLSearchParams): Page {
  const last = query.get("last");
  const rest = all.filter((item) => last === null || item > last);
  const items = rest.slice(0, countOf(query));
  const end = items.at(-1);
  if (items.length === rest.length || end === undefined) return { items, headers: {} };
  const next = new URLSearchParams({ n: String(items.length), last: end });
  return { items, headers: { Link: `<${path}?${next}>; rel="next"` } };
}

function countOf(query: URLSearchParams): number {
  const n = query.get("n");
  if (n === null) return Number.POSITIVE_INFINITY;
  if (/^\d+$/.test(n)) return Number(n);
  throw new Refusal("UNSUPPORTED", `n=${n}: this is how many are wanted, so a whole number`, { status: 400 });
}

/** Sorted as the specification wants it, by the bytes of the names, which are ASCII. */
function unique(names: string[]): string[] {
  return [...new Set(names)].sort();
}
