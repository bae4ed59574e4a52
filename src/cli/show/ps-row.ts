// One container as a line of `ps`, by the names that templates have for its fields.

import { familiarName, fullName, listImages, parseReference, shortId as shortDigest } from "../../06-images/index.ts";
import { type Container, readSpec, UnreadableContainer } from "../../10-containers/container.ts";
import type { ContainerSize } from "../../10-containers/look/size.ts";
import { stateName, statusText } from "../../10-containers/look/status.ts";
import { shortId } from "../../10-containers/names.ts";
import { portsText } from "../../10-containers/network/settings.ts";
import { ownArgs } from "../../10-containers/spec/process.ts";
import type { Row } from "./format.ts";
import { goTime } from "./go-time.ts";
import { joinedLabels } from "./joined-labels.ts";
import { humanDuration, humanSize } from "./units.ts";
import { truncate } from "./width.ts";

export interface RowLook {
  noTrunc: boolean;
  /** What images of the store are called, by their ids: see `imageNames`. */
  names: Map<string, string[]>;
  /** Undefined where nobody asked: it takes long. */
  size: ((container: Container) => ContainerSize) | undefined;
}

const COMMAND_WIDTH = 20;
const MOUNT_WIDTH = 15;

export function psRow(container: Container, look: RowLook): Row {
  const { record, state } = container;
  const { options } = record;
  const short = (text: string, width: number) => (look.noTrunc ? text : truncate(text, width));
  const sources = options.mounts.flatMap(({ source }) => (source === undefined ? [] : [short(source, MOUNT_WIDTH)]));
  const volumes = options.mounts.filter(({ type }) => type === "volume");
  return {
    Command: JSON.stringify(short(commandOf(container), COMMAND_WIDTH)),
    CreatedAt: goTime(new Date(record.created)),
    ID: look.noTrunc ? record.id : shortId(record.id),
    Image: imageOf(container, look),
    Labels: joinedLabels(options.labels),
    LocalVolumes: String(volumes.length),
    Mounts: sources.join(","),
    Names: record.name,
    Networks: options.endpoints.map(({ network }) => network).join(",") || options.network,
    Ports: portsText(container),
    RunningFor: `${humanDuration(Date.now() - Date.parse(record.created))} ago`,
    Size: sizeOf(container, look),
    State: stateName(state),
    Status: statusText(state),
    // For templates; printed as JSON it isn't there.
    Label: (key: string) => (Object.hasOwn(options.labels, key) ? options.labels[key] : ""),
  };
}

function commandOf(container: Container): string {
  const [path = "", ...args] = ownArgs(argsOf(container));
  return [path, ...args.map((arg) => (arg.includes(" ") ? `'${arg}'` : arg))].join(" ");
}

/** A container whose config.json can't be read is listed all the same: it is there, and can be removed. */
function argsOf(container: Container): string[] {
  try {
    return readSpec(container).process?.args ?? [];
  } catch (error) {
    if (error instanceof UnreadableContainer) return [];
    throw error;
  }
}

/** All names by id, so that each container's image can be told by the name it still has. */
export function imageNames(root: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { id, repository, tag } of listImages(root)) {
    names.set(id, [...(names.get(id) ?? []), `${repository}:${tag}`]);
  }
  return names;
}

/** The name it was made by, if that still leads to its image; else the image's id. */
function imageOf({ record }: Container, { names, noTrunc }: RowLook): string {
  const { reference, id } = record.image;
  const known = names.get(id) ?? [];
  if (/^(oci|bundle):/.test(reference) || known.includes(withTag(reference))) return reference;
  return noTrunc ? id : shortDigest(id);
}

function withTag(reference: string): string {
  try {
    return familiarName(fullName(parseReference(reference)));
  } catch {
    return reference;
  }
}

function sizeOf(container: Container, { size }: RowLook): string {
  if (!size) return "0B";
  const { writtenBytes, totalBytes } = size(container);
  return `${humanSize(writtenBytes, 3)} (virtual ${humanSize(totalBytes, 3)})`;
}
