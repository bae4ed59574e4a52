// The page's own files, all read when the server starts. A request names one of them or nothing: no path that anybody
// sends is ever looked up on the disk.

import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";

export interface SiteFile {
  type: string;
  body: Buffer;
}

/** Path below the token → file. */
export type Site = ReadonlyMap<string, SiteFile>;

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/** Throws UserError where the page wasn't built. */
export function readSite(folder: string): Site {
  const names = namesIn(folder).filter((name) => extname(name) in TYPES);
  const files = names.map((name): [string, SiteFile] => [`/${name}`, readSiteFile(join(folder, name))]);
  return new Map(files);
}

function readSiteFile(path: string): SiteFile {
  return { type: TYPES[extname(path)]!, body: readFileSync(path) };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch (cause) {
    throw new UserError(`the playground's page is not in ${folder}`, { hint: "npm run build makes it", cause });
  }
}
