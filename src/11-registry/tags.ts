// The tags of a repository, page by page: each answer says in `Link` where the next one is.
// See the OCI distribution specification, "Listing Tags".

import { UserError } from "../01-syscalls/index.ts";
import type { Reference } from "../06-images/index.ts";
import { notReadable } from "./absence.ts";
import { repositoryScope } from "./authorization.ts";
import { endpointOf } from "./endpoint.ts";
import { readJson } from "./json.ts";
import { Registry, type RegistryOptions } from "./registry.ts";
import { readSettings } from "./settings.ts";

type Repository = Pick<Reference, "domain" | "path">;

/** Far more than anybody has; a registry that always names one more page would go on for ever. */
const MOST_PAGES = 1000;

/** All tags of a repository. Throws UserError. */
export async function listTags(repository: Repository, options: RegistryOptions = {}): Promise<string[]> {
  const { settings = readSettings() } = options;
  const registry = await Registry.connect(endpointOf(repository.domain, settings), { ...options, settings });
  try {
    return await fetchTags(registry, repository.path);
  } catch (error) {
    throw notReadable(error, repository, registry.isKnown);
  } finally {
    registry.close();
  }
}

async function fetchTags(registry: Registry, repository: string): Promise<string[]> {
  const tags: string[] = [];
  const scopes = [repositoryScope(repository, "pull")];
  let at: string | undefined = `/v2/${repository}/tags/list`;
  for (let page = 0; at !== undefined; page++) {
    if (page === MOST_PAGES) throw new UserError(`the list of tags of ${repository} does not end`);
    at = await registry.ask({ at, scopes }, async (answer) => {
      const { tags: more } = (await readJson(answer, "the list of tags")) as { tags?: unknown };
      if (Array.isArray(more)) tags.push(...more.filter((tag): tag is string => typeof tag === "string"));
      return nextPage(answer.headers.link, answer.url);
    });
  }
  return tags;
}

/** `</v2/app/tags/list?last=b&n=2>; rel="next"` (RFC 8288). Throws UserError for one that leads to somebody else. */
export function nextPage(link: string | string[] | undefined, from: URL): string | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*rel="?next"?/i.exec(String(link ?? "")) ?? [];
  if (target === undefined || !URL.canParse(target, from.href)) return undefined;
  const next = new URL(target, from);
  // Who we are is this registry's business alone, and half a list is none.
  if (next.host === from.host) return `${next.pathname}${next.search}`;
  throw new UserError(`${from.host} has the rest of its list elsewhere, at ${next.host}: that is not followed`);
}
