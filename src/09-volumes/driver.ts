// The local driver keeps a volume in a folder of ours, unless its options say what else is to be mounted: `type`, `device`
// and `o` are what mount(8) is told with -t, as the device, and with -o. Docker mounts that on the host while a container
// uses it; here it is mounted in the containers alone, each in its own mount namespace.

import { closeSync } from "node:fs";
import { fsopenStep, performOne, UserError } from "../01-syscalls/index.ts";
import { parseMountOptions } from "../02-rootfs/index.ts";
import { isPrivileged } from "../03-namespaces/index.ts";
import { type Volume, volumeFolder } from "./volume.ts";

/**
 * What a container's view of a volume is made of: a folder, the volume's own or one of the host's, or a filesystem, or one
 * that a running process has mounted already, at `path` from its root on.
 * `words` are the options of the mount, and of that filesystem.
 */
export type VolumeSource =
  | { kind: "folder"; path: string; words: string[]; isOwn: boolean }
  | { kind: "filesystem"; type: string; device: string; words: string[] }
  | { kind: "shared"; pid: number; path: string; words: string[] };

/** What can be said of a volume without looking at who has it. */
type Kept = Exclude<VolumeSource, { kind: "shared" }>;

/** Where the volume's files are, or what has to be mounted to see them. */
export function sourceOf(root: string, { name, options }: Pick<Volume, "name" | "options">): Kept {
  const { type, device, o = "" } = options;
  const words = o.split(",").filter((word) => word !== "");
  if (type === undefined || device === undefined)
    return { kind: "folder", path: volumeFolder(root, name).data, words, isOwn: true };
  const isBind = parseMountOptions(words).bind !== "no";
  if (!isBind) return { kind: "filesystem", type, device, words };
  return { kind: "folder", path: device, words: words.filter((word) => !/^r?bind$/.test(word)), isOwn: false };
}

const KNOWN = ["type", "device", "o", "size"];
/** What each option is nothing without. */
const NEEDED: Record<string, string[]> = { device: ["type"], type: ["device"], o: ["device", "type"] };

/** Throws UserError for options that the driver doesn't take, or that this kernel or this user can't mount. */
export function checkDriverOptions({ name, options }: Pick<Volume, "name" | "options">): void {
  const refusal = refusalOf(options) ?? sourceRefusal(sourceOf("/", { name, options }));
  if (refusal) throw new UserError(`create ${name}: ${refusal.why}`, refusal.hint ? { hint: refusal.hint } : {});
}

interface Refusal {
  why: string;
  hint?: string;
}

function refusalOf(options: Record<string, string>): Refusal | undefined {
  const names = Object.keys(options);
  const stray = names.find((option) => !KNOWN.includes(option));
  const missing = names.flatMap((option) => NEEDED[option] ?? []).find((option) => !names.includes(option));
  if (stray !== undefined) return { why: `invalid option: ${JSON.stringify(stray)}` };
  if (options.size !== undefined) return { why: "quota size requested but no quota support" };
  return missing === undefined ? undefined : { why: `missing required option: ${JSON.stringify(missing)}` };
}

function sourceRefusal(source: Kept): Refusal | undefined {
  if (source.kind === "folder")
    return source.path.startsWith("/")
      ? undefined
      : { why: `the device of a bind is an absolute path, not ${source.path}` };
  const { type } = source;
  if (type === "tmpfs") return undefined;
  if (type === "none") return { why: 'type "none" is no filesystem', hint: "o=bind shows a folder of the host" };
  if (!isPrivileged())
    return { why: `only root can mount ${type}`, hint: "an ordinary user's volume is a folder, or in memory (tmpfs)" };
  return hasFilesystem(type)
    ? undefined
    : { why: `this kernel has no ${type}`, hint: "the kernel module of that name is missing" };
}

/** Asks the kernel, which loads its module if there is one. */
function hasFilesystem(type: string): boolean {
  const why = "does the kernel have this filesystem?";
  const description = performOne(fsopenStep({ type, why, allow: ["ENODEV", "EPERM", "EINVAL"] }));
  if (description >= 0) closeSync(description);
  return description >= 0;
}
