// Searching. The distribution specification has no search: Docker Hub has one of its own, from before there was a
// specification, and some registries have the same; the others can be asked for all they have, which one wouldn't want
// of a large one.

import { UserError } from "../01-syscalls/index.ts";
import { endpointOf, HUB } from "./endpoint.ts";
import { readJson } from "./json.ts";
import { Refusal } from "./refusal.ts";
import { Registry, type RegistryOptions } from "./registry.ts";
import { readSettings, type Settings } from "./settings.ts";
import { nextPage } from "./tags.ts";

export interface SearchResult {
  name: string;
  description: string;
  stars: number;
  isOfficial: boolean;
}

export interface SearchOptions extends RegistryOptions {
  /** 25 unless said. */
  limit?: number | undefined;
}

/** `localhost:5000/app` is looked for at that registry, `app` at Docker Hub. Throws UserError. */
export async function searchImages(term: string, options: SearchOptions = {}): Promise<SearchResult[]> {
  const { settings = readSettings(), limit = 25 } = options;
  const { domain, words } = split(term);
  const registry = await Registry.connect(searchEndpoint(domain, settings), { ...options, settings });
  try {
    return (await searchThere(registry, words, limit)).slice(0, limit);
  } finally {
    registry.close();
  }
}

function split(term: string): { domain: string; words: string } {
  const [first = "", ...rest] = term.split("/");
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isRegistry ? { domain: first, words: rest.join("/") } : { domain: HUB, words: term };
}

/** Its search isn't where its images are. */
function searchEndpoint(domain: string, settings: Settings) {
  const endpoint = endpointOf(domain, settings);
  return domain === HUB ? { ...endpoint, host: "index.docker.io" } : endpoint;
}

async function searchThere(registry: Registry, words: string, limit: number): Promise<SearchResult[]> {
  try {
    const query = new URLSearchParams({ q: words, n: String(limit) });
    return await registry.ask({ at: `/v1/search?${query}`, scopes: [] }, async (answer) => {
      const { results } = (await readJson(answer, "the search's answer")) as { results?: unknown };
      if (!Array.isArray(results)) throw new UserError(`${answer.url.host} answered a search without results`);
      return results.flatMap(resultOf);
    });
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return inCatalog(registry, words, limit);
    throw error;
  }
}

function resultOf(value: unknown): SearchResult[] {
  const { name, description, star_count, is_official } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== "string") return [];
  const stars = typeof star_count === "number" ? star_count : 0;
  return [{ name, description: String(description ?? ""), stars, isOfficial: is_official === true }];
}

const CATALOG = "registry:catalog:*";
const MOST_PAGES = 100;

/** All repositories, page by page, until enough of them fit. */
async function inCatalog(registry: Registry, words: string, limit: number): Promise<SearchResult[]> {
  const found: SearchResult[] = [];
  let at: string | undefined = "/v2/_catalog";
  for (let page = 0; at !== undefined && page < MOST_PAGES && found.length < limit; page++) {
    at = await registry.ask({ at, scopes: [CATALOG] }, async (answer) => {
      const { repositories } = (await readJson(answer, "the list of repositories")) as { repositories?: unknown };
      const names = Array.isArray(repositories) ? repositories.filter((name) => typeof name === "string") : [];
      const fitting = names.filter((name) => name.includes(words));
      found.push(...fitting.map((name) => ({ name, description: "", stars: 0, isOfficial: false })));
      return nextPage(answer.headers.link, answer.url);
    });
  }
  return found;
}
