// `diff`: what a container changed of its image. What it was given is no change of its own: the empty files and folders
// that /proc, /dev, /etc/hosts and the like are mounted on, where the image has none. A folder that the person mounts is
// shown, as Docker does: it would be in an image made of the container.

import { type Change, changesOf, changesOfCopy } from "../../05-overlay/index.ts";
import { type Container, readSpec } from "../container.ts";
import { marksOf } from "../prepare.ts";

/** Sorted by path. */
export function containerChanges(container: Container): Change[] {
  const { record, folder } = container;
  // Without an image there is nothing it could differ from.
  if (typeof record.rootfs === "object") return [];
  const spec = readSpec(container);
  const compare = record.rootfs === "copy" ? changesOfCopy : changesOf;
  const changes = compare(folder.upper, record.layers, marksOf(spec));
  const asked = new Set(record.options.mounts.map(({ target }) => target));
  const given = (spec.mounts ?? []).map(({ destination }) => destination).filter((path) => !asked.has(path));
  return withoutGiven(changes, given);
}

/** Nor is it a change of a folder that something given was made in it, if nothing else in it changed. */
export function withoutGiven(changes: Change[], given: string[]): Change[] {
  const isGiven = ({ path }: Change) => given.includes(path);
  const own = changes.filter((change) => !isGiven(change));
  const made = changes.filter((change) => isGiven(change) && change.kind === "A");
  const isBelow = (path: string, { path: folder }: Change) => path.startsWith(`${folder}/`);
  return own.filter((change) => {
    const hasGiven = made.some(({ path }) => isBelow(path, change));
    return !hasGiven || own.some((other) => isBelow(other.path, change) && !leadsToGiven(other, made));
  });
}

/** A folder on the way, such as /dev of /dev/pts. */
function leadsToGiven({ path }: Change, made: Change[]): boolean {
  return made.some((change) => change.path.startsWith(`${path}/`));
}
