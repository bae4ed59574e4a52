// What pushing and deleting do to the store's list. Four rules:
//
//   A tag is a name of the store, and moves as names do; what had it stays in the repository without one.
//   A manifest that was pushed by its digest is in the repository without a name too, unless it is there already.
//   What is below an index needs no entry of its own; when the index goes, it gets one.
//   What a container was made of stays in the store, in no repository.

import type { Digest } from "../../06-images/digest.ts";
import { inRepository, nameEntry, nameOfEntry, withoutName } from "../../06-images/layout.ts";
import type { Descriptor } from "../../06-images/manifest.ts";
import { childrenOf, descendantsOf, entryOf } from "./contents.ts";
import { servedName, storedRepository } from "./repositories.ts";

export interface Pushed {
  entry: Descriptor;
  repository: string;
  tags: string[];
}

/** The list with what was pushed. */
export function withPushed(root: string, entries: Descriptor[], { entry, repository, tags }: Pushed): Descriptor[] {
  const nameless = inRepository(entry, storedRepository(repository));
  const names = tags.map((tag) => `${storedRepository(repository)}:${tag}`);
  const tagged = names.reduce((all, name) => named(all, entry, { name, repository }), [...entries, nameless]);
  return withoutSpares(root, tagged, repository);
}

function named(entries: Descriptor[], entry: Descriptor, { name, repository }: { name: string; repository: string }) {
  const stays = (one: Descriptor) => inRepository(one, storedRepository(repository));
  return nameEntry(
    entries.map((one) => (nameOfEntry(one) === name ? stays(one) : one)),
    entry,
    name,
  );
}

/** The list without a tag; the manifest that had it stays in the repository. */
export function withoutTag(
  root: string,
  entries: Descriptor[],
  { repository, tag }: { repository: string; tag: string },
) {
  const isMeant = (entry: Descriptor) => isServedAs(entry, repository) && servedName(entry)?.tag === tag;
  const untagged = entries.map((entry) => (isMeant(entry) ? inRepository(entry, storedRepository(repository)) : entry));
  return withoutSpares(root, untagged, repository);
}

export interface Deleted {
  digest: Digest;
  repository: string;
  isUsed(entry: Descriptor): boolean;
}

/** The list without a manifest of a repository, and so without all its tags there. */
export function withoutManifest(root: string, entries: Descriptor[], { digest, repository, isUsed }: Deleted) {
  const isMeant = (entry: Descriptor) => entry.digest === digest && isServedAs(entry, repository);
  const gone = entries.filter(isMeant);
  const used = gone.slice(0, 1).filter(isUsed).map(withoutName);
  const children = gone.slice(0, 1).flatMap((entry) => childrenOf(root, entry));
  const orphans = children.map((child) => inRepository(entryOf(root, child), storedRepository(repository)));
  return withoutSpares(root, [...entries.filter((entry) => !isMeant(entry)), ...used, ...orphans], repository);
}

/** Nameless entries of the repository are needed once, and only for what it doesn't have anyway. */
function withoutSpares(root: string, entries: Descriptor[], repository: string): Descriptor[] {
  const ours = entries.filter((entry) => isServedAs(entry, repository));
  const named = new Set(ours.filter((entry) => nameOfEntry(entry) !== undefined).map(({ digest }) => digest));
  const below = descendantsOf(root, ours);
  const first = new Map(ours.toReversed().map((entry) => [entry.digest, entry]));
  return entries.filter((entry) => {
    if (!isServedAs(entry, repository) || nameOfEntry(entry) !== undefined) return true;
    return !named.has(entry.digest) && !below.has(entry.digest) && first.get(entry.digest) === entry;
  });
}

function isServedAs(entry: Descriptor, repository: string): boolean {
  return servedName(entry)?.repository === repository;
}
