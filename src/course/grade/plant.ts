// Puts the planted files into a place, and tells afterwards what is different. Both are a shell script: it runs where the
// files are, so no path of a place that a student is root in is ever followed from outside.

import { quoted } from "../quoted.ts";
import type { Place } from "./place.ts";
import type { PlantedFile } from "./planted.ts";

/** Whose the files are, where it is ours to say: a container's root is often the first ordinary user outside. */
const OWNER = "1000:1000";

/** All of them in one go. */
export async function plant(place: Place, files: PlantedFile[]): Promise<void> {
  const lines = files.map(({ path, bytes, mode }) => {
    const at = quoted(path);
    const make = bytes ? `base64 -d > ${at} <<'END'\n${bytes.toString("base64")}\nEND\n` : `mkdir -p ${at}\n`;
    return `${make}chmod ${mode.toString(8)} ${at}\n`;
  });
  // In a lab of an ordinary user there is only one user.
  const own = `[ "$(id -u)" != 0 ] || grep -q ' 1$' /proc/self/uid_map || chown -R ${OWNER} *`;
  await place.shell(`set -e\ncd ${quoted(place.folder)}\n${lines.join("")}${own}`);
}

/** Name → what it is, in a few words. */
export type Listing = Map<string, string>;

/** What is in a folder: each file with a sum of its content. */
export async function listingOf(place: Place, folder: string): Promise<Listing> {
  const script = `cd ${quoted(folder)} && find . -xdev -type f -exec cksum {} + && find . -xdev ! -type f -exec stat -c '%F - %n' {} +`;
  const lines = (await place.shell(script)).split("\n").filter((line) => line.includes(" ./"));
  return new Map(lines.map((line) => [line.slice(line.indexOf(" ./") + 2), line.slice(0, line.indexOf(" ./"))]));
}

/** `changed /bin/sh`, `new /x`, `gone /y`. */
export function changesBetween(before: Listing, after: Listing): string[] {
  const gone = [...before.keys()].filter((name) => !after.has(name)).map((name) => `gone ${name}`);
  const other = [...after].flatMap(([name, what]) => {
    if (!before.has(name)) return [`new ${name}`];
    return before.get(name) === what ? [] : [`changed ${name}`];
  });
  return [...gone, ...other].sort();
}
