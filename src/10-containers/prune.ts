// Taking away what nobody needs: containers that have ended, images that no name leads to, or that no container uses, and
// volumes that no container has.

import { UserError } from "../01-syscalls/index.ts";
import { type ListedImage, listImages } from "../06-images/index.ts";
import { isAnonymous, listVolumes } from "../09-volumes/index.ts";
import type { Container } from "./container.ts";
import type { Roots } from "./folders.ts";
import { removeImageNamed, userOf } from "./images.ts";
import { Filters, hasLabel } from "./look/filters.ts";
import { imageLabels, parseTruth } from "./look/list-images.ts";
import { mountpointOf } from "./look/list-volumes.ts";
import { treeBytes } from "./look/size.ts";
import { removeContainer } from "./remove.ts";
import { allContainers } from "./settle.ts";
import { ignoreGone } from "./stop.ts";
import { removeVolumesUnused } from "./volumes/volumes.ts";

export interface PruneRequest {
  /** `label`, `label!`, of images `dangling`, and `until`, the last one as milliseconds since 1970. */
  filters: [key: string, value: string][];
}

const KEYS = ["label", "label!", "until"];

export interface Pruned {
  /** Ids, in the order in which they went. */
  containers: string[];
  /** As `rmi` tells of them. */
  images: { untagged: string[]; deleted: string[] };
  /** Names. */
  volumes: string[];
  reclaimedBytes: number;
}

const nothing = (): Pruned => ({
  containers: [],
  images: { untagged: [], deleted: [] },
  volumes: [],
  reclaimedBytes: 0,
});

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
  const isWanted = wanted(request, ["dangling"]);
  const isUsed = userOf(roots);
  const all = request.all || request.filters.some(([key, value]) => key === "dangling" && !parseTruth(key, value));
  for (const image of listImages(roots.root)) {
    const { repository, id, created = "", sizeBytes } = image;
    const isNeeded = isUsed(id) !== undefined || (repository !== undefined && !all);
    if (isNeeded || !isWanted(created, imageLabels(roots, id))) continue;
    const { untagged, deleted } = removeUnlessUsed(roots, image);
    pruned.images.untagged.push(...untagged);
    pruned.images.deleted.push(...deleted);
    if (deleted.length > 0) pruned.reclaimedBytes += sizeBytes;
  }
  return pruned;
}

/** Others may have removed it meanwhile, or made a container of it: then it is theirs. */
function removeUnlessUsed(roots: Roots, { repository, tag, digest, id }: ListedImage): Pruned["images"] {
  const name = tag === undefined ? `${repository}@${digest}` : `${repository}:${tag}`;
  try {
    return removeImageNamed(roots, repository === undefined ? id : name, false);
  } catch (error) {
    if (!(error instanceof UserError) || !/^(No such image|conflict)/.test(error.message)) throw error;
    return nothing().images;
  }
}

/** Removes anonymous volumes that no container has; with `all` those that have a name, too. */
export async function pruneVolumes(roots: Roots, request: PruneRequest & { all: boolean }): Promise<Pruned> {
  const filters = new Filters(request.filters, ["label", "label!", "all"]);
  const all = request.all || filters.get("all").some((value) => parseTruth("all", value));
  const wanted = listVolumes(roots.root).filter(
    (volume) =>
      (all || isAnonymous(volume)) &&
      filters.matchesLabels(volume.labels) &&
      filters.get("label!").every((label) => !hasLabel(volume.labels, label)),
  );
  const bytes = new Map(wanted.map(({ name }) => [name, treeBytes(mountpointOf(roots, name))]));
  const volumes = await removeVolumesUnused(roots, [...bytes.keys()]);
  return { ...nothing(), volumes, reclaimedBytes: volumes.reduce((sum, name) => sum + bytes.get(name)!, 0) };
}

function wanted(
  request: PruneRequest,
  more: string[] = [],
): (created: string, labels: Record<string, string>) => boolean {
  const filters = new Filters(request.filters, [...KEYS, ...more]);
  return (created, labels) =>
    filters.matchesLabels(labels) &&
    filters.get("label!").every((label) => !hasLabel(labels, label)) &&
    filters.get("until").every((until) => (Date.parse(created) || 0) < Number(until));
}
