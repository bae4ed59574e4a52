// Addresses among the sources of `ADD`, and as a build's context.

import { posix } from "node:path";
import { UserError } from "../01-syscalls/index.ts";

export function isUrl(source: string): boolean {
  return /^https?:\/\//.test(source);
}

/** The last name of its path; empty where it has none. Throws UserError for what is no address. */
export function nameOf(url: string): string {
  if (!URL.canParse(url)) throw new UserError(`${url} is no address`);
  const path = decoded(new URL(url).pathname);
  const name = path.endsWith("/") ? "" : posix.basename(path);
  return name === "." || name === ".." ? "" : name;
}

/** What isn't UTF-8 behind its percent signs is taken as it is written. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
