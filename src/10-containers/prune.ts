// Taking away what nobody needs: containers that have ended, images that no name leads to, or that no container uses.

import { listImages } from "../06-images/index.ts";
import type { Container } from "./container.ts";
import type { Roots } from "./folders.ts";
import { removeImageNamed, userOf } from "./images.ts";
import { Filters, hasLabel } from "./look/filters.ts";
import { imageLabels } from "./look/list-images.ts";
import { treeBytes } from "./look/size.ts";
import { removeContainer } from "./remove.ts";
import { allContainers } from "./settle.ts";
import { ignoreGone } from "./stop.ts";

export interface PruneRequest {
  /** `label`, `label!` and `until`, the last one as milliseconds since 1970. */
  filters: [key: string, value: string][];
}

const KEYS = ["label", "label!", "until"];

export interface Pruned {
  /** Ids, in the order in which they went. */
  containers: string[];
  /** As `rmi` tells of them. */
  images: { untagged: string[]; deleted: string[] };
  reclaimedBytes: number;
}

const nothing = (): Pruned => ({ containers: [], images: { untagged: [], deleted: [] }, reclaimedBytes: 0 });

/** Removes every container that isn't running. Throws UserError for a filter there isn't. */
export async function pruneContainers(roots: Roots, request: PruneRequest): Promise<Pruned> {
  const pruned = nothing();
  const isWanted = wanted(request);
  for (const container of await allContainers(roots)) {
    const { id, created, options } = container.record;
    if (!isOver(container) || !isWanted(created, options.labels)) continue;
    const bytes = treeBytes(container.folder.upper);
    await removeContainer(roots, id).catch(ignoreGone);
    pruned.containers.push(id);
    pruned.reclaimedBytes += bytes;
  }
  return pruned;
}

function isOver({ state }: Container): boolean {
  return ["created", "exited", "dead"].includes(state.status);
}

/** Removes images without a name; with `all` those with one, too, as long as no container uses them. */
export function pruneImages(roots: Roots, request: PruneRequest & { all: boolean }): Pruned {
  const pruned = nothing();
  const isWanted = wanted(request);
  const isUsed = userOf(roots);
  for (const { repository, tag, id, created = "", sizeBytes } of listImages(roots.root)) {
    const isNeeded = isUsed(id) !== undefined || (repository !== undefined && !request.all);
    if (isNeeded || !isWanted(created, imageLabels(roots, id))) continue;
    const { untagged, deleted } = removeImageNamed(
      roots,
      repository === undefined ? id : `${repository}:${tag}`,
      false,
    );
    pruned.images.untagged.push(...untagged);
    pruned.images.deleted.push(...deleted);
    if (deleted.length > 0) pruned.reclaimedBytes += sizeBytes;
  }
  return pruned;
}

function wanted(request: PruneRequest): (created: string, labels: Record<string, string>) => boolean {
  const filters = new Filters(request.filters, KEYS);
  return (created, labels) =>
    filters.matchesLabels(labels) &&
    filters.get("label!").every((label) => !hasLabel(labels, label)) &&
    filters.get("until").every((until) => (Date.parse(created) || 0) < Number(until));
}
