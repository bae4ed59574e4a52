// `inspect` and its kin: everything that is known of containers, images and volumes, as JSON or through a template.

import { UserError } from "../../01-syscalls/index.ts";
import { familiarName, fullName, inspectImage, type Platform, parseReference } from "../../06-images/index.ts";
import { readVolume } from "../../09-volumes/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { inspectContainer } from "../../10-containers/look/inspect.ts";
import { inspectVolume } from "../../10-containers/look/list-volumes.ts";
import { containerSize } from "../../10-containers/look/size.ts";
import { findSettled } from "../../10-containers/settle.ts";
import { ignoreGone } from "../../10-containers/stop.ts";
import type { PlatformAsked } from "../flags/platform-flag.ts";
import { report } from "./report.ts";
import { compileTemplate, mapOf } from "./template.ts";

export type ObjectType = "container" | "image" | "volume";

export interface InspectLook extends PlatformAsked {
  format?: string;
  /** Undefined: whichever there is of that name. */
  type?: ObjectType;
  size: boolean;
}

type Shown = Record<string, unknown>;

/** Prints what there is of these names, and says which there aren't. Returns the exit code. */
export async function inspectObjects(roots: Roots, names: string[], look: InspectLook): Promise<number> {
  const print = printer(look.format);
  const found: Shown[] = [];
  const errors: unknown[] = [];
  for (const name of names) {
    try {
      found.push(await inspectOne(roots, name, look));
    } catch (error) {
      errors.push(error);
    }
  }
  process.stdout.write(print(found));
  for (const error of errors) report(error, 1);
  return errors.length > 0 ? 1 : 0;
}

async function inspectOne(roots: Roots, name: string, { type, size, platform }: InspectLook): Promise<Shown> {
  const isAsked = (kind: ObjectType) => type === undefined || type === kind;
  const container = isAsked("container") ? await containerOf(roots, name, size) : undefined;
  const image = container ?? (isAsked("image") ? imageOf(roots, name, platform) : undefined);
  const found = image ?? (isAsked("volume") && readVolume(roots.root, name) ? inspectVolume(roots, name) : undefined);
  if (found) return found;
  if (type === "volume") throw new UserError(`get ${name}: no such volume`);
  if (type === undefined) throw new UserError(`No such object: ${name}`);
  throw new UserError(`No such ${type}: ${type === "image" ? withTag(name) : name}`);
}

async function containerOf(roots: Roots, name: string, withSize: boolean): Promise<Shown | undefined> {
  const container = await findSettled(roots, name).catch(ignoreGone);
  if (!container) return undefined;
  const size = withSize ? containerSize(container) : undefined;
  const shown = inspectContainer(container);
  return size ? { ...shown, SizeRw: size.writtenBytes, SizeRootFs: size.totalBytes } : shown;
}

function imageOf({ root }: Roots, name: string, platform: Platform | undefined): Shown | undefined {
  return isReference(name) ? (inspectImage(root, name, platform) as Shown | undefined) : undefined;
}

function isReference(name: string): boolean {
  try {
    return /^(sha256:)?[0-9a-f]+$/.test(name) || parseReference(name) !== undefined;
  } catch {
    return false;
  }
}

function withTag(name: string): string {
  return isReference(name) ? familiarName(fullName(parseReference(name))) : name;
}

// ---- printing

type Print = (found: Shown[]) => string;

/** What prints them: JSON, or a line each through a template. */
export function printer(format: string | undefined): Print {
  if (format === undefined || format === "") return (found) => `${JSON.stringify(found, null, 4)}\n`;
  if (format === "json") return (found) => `${JSON.stringify(found)}\n`;
  const fill = compileTemplate(format);
  return (found) => found.map((shown) => `${fill(withMaps(shown))}\n`).join("");
}

/** Fields whose keys are anybody's: in a template one of them that isn't there is no mistake. */
const MAPS = ["Labels", "Networks", "Sysctls", "Annotations", "Data", "Volumes", "ExposedPorts", "Options"];

function withMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMaps);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, withMaps(inner)]);
  const mapped = entries.map(([key, inner]) => [key, MAPS.includes(key) && inner ? mapOf(inner as Shown) : inner]);
  return Object.fromEntries(mapped);
}
