// The store has one list of names, `images`; a registry has repositories, each with its tags. This is how the one is seen
// as the other:
//
//   the store's name                    repository and tag
//   localhost/base:latest               base:latest
//   docker.io/library/alpine:3          alpine:3              also asked for as library/alpine, by Docker's mirrors
//   docker.io/user/app:1                user/app:1
//   quay.io/podman/hello:latest         quay.io/podman/hello:latest
//   localhost:5000/app:1                app:1                 a port can't be in a repository's name
//
// Who we are, loopback, is left out like Docker Hub, since nobody types either. What is pushed as app:1 becomes
// `localhost/app:1`: `mini-docker run app:1` finds it, and nothing that came from elsewhere is replaced by it. Where two
// names of the store are the same tag, what is localhost's is meant, since it was pushed or made here.

import { nameOfEntry, repositoryOfEntry } from "../../06-images/layout.ts";
import type { Descriptor } from "../../06-images/manifest.ts";
import { Refusal } from "./errors.ts";

const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^\w[\w.-]{0,127}$/;
const LONGEST_REPOSITORY = 255;

export interface ServedName {
  repository: string;
  /** None for an image that is known by its digest only. */
  tag: string | undefined;
}

/** How an entry of the store is served; undefined for one that belongs to no repository, or to none that can be named. */
export function servedName(entry: Descriptor): ServedName | undefined {
  const name = nameOfEntry(entry) ?? repositoryOfEntry(entry);
  if (name === undefined) return undefined;
  const [withTag = ""] = name.split("@");
  const [, path = withTag, tag] = /^(.*):([^:/]+)$/.exec(withTag) ?? [];
  const repository = canonical(path);
  return isRepository(repository) ? { repository, tag } : undefined;
}

/** The repository a client means. Throws Refusal for what can't be one. */
export function repositoryNamed(name: string): string {
  const repository = canonical(name);
  if (isRepository(name) && isRepository(repository)) return repository;
  throw new Refusal("NAME_INVALID", `${JSON.stringify(name)} is no name of a repository`);
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** What the store calls the repository where something is pushed to it. */
export function storedRepository(repository: string): string {
  return `localhost/${repository}`;
}

/** Docker Hub, its `library`, this machine and any port are what nobody types. */
function canonical(path: string): string {
  return path
    .replace(/^(\[[^\]]*\]|[^/:]*):\d+\//, "$1/")
    .replace(/^(?:(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|(?:index\.)?docker\.io|library)\/)+/, "");
}

function isRepository(text: string): boolean {
  return text.length <= LONGEST_REPOSITORY && REPOSITORY.test(text);
}
