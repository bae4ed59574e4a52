// A bundle on disk: a directory with config.json and the root filesystem that it names. See the OCI runtime specification,
// bundle.md.

import { realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { filesystemOnly, isBind, type Mount, planMount } from "../../02-rootfs/index.ts";
import { readText } from "../files.ts";
import { checkSpec } from "./check-spec.ts";
import type { Process, Spec } from "./oci.ts";

export interface Bundle {
  /** Paths that were relative to the bundle are absolute. */
  spec: Spec;
  /** The directory on the host. */
  rootfs: string;
  /** What in it means nothing here. */
  warnings: string[];
}

/**
 * Throws UserError for what is no bundle, and for values that the specification doesn't have. `placeholder` is its process
 * where it names none.
 */
export function readBundle(directory: string, placeholder?: Process): Bundle {
  const path = join(directory, "config.json");
  const text = readText(path);
  if (text === undefined) throw new UserError(`${directory} is no bundle: it has no config.json`);
  const given = parseJson(text, path) as Spec;
  const { spec, warnings } = checkSpec({ ...(placeholder && { process: placeholder }), ...given }, path);
  const mounts = (spec.mounts ?? []).map((mount) => withAbsoluteSource(mount, directory));
  const stray = mounts.flatMap(strayOptions);
  return {
    spec: { ...spec, mounts: mounts.map(withoutStray) },
    rootfs: rootOf(directory, spec),
    warnings: [...warnings, ...stray.map((option) => `a bind makes no filesystem: "${option}" is left out`)],
  };
}

/** Options of a filesystem on a bind. mount(2) passes over them, and so other runtimes do. */
function strayOptions(mount: Mount): string[] {
  const planned = planMount(mount);
  return isBind(planned) && !planned.options.remount ? filesystemOnly(planned.options) : [];
}

function withoutStray(mount: Mount): Mount {
  const stray = strayOptions(mount);
  return stray.length === 0
    ? mount
    : { ...mount, options: (mount.options ?? []).filter((option) => !stray.includes(option)) };
}

export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${path} is no JSON`, { cause });
  }
}

function rootOf(directory: string, { root }: Spec): string {
  const path = resolve(directory, root?.path ?? "rootfs");
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return realpathSync(path);
  throw new UserError(`the bundle's root filesystem ${path} is no directory`);
}

/** A bind's source may be said from the bundle on. */
function withAbsoluteSource(mount: Mount, directory: string): Mount {
  const isBind = mount.type === "bind" || (mount.options ?? []).some((option) => /^r?bind$/.test(option));
  return isBind && mount.source ? { ...mount, source: resolve(directory, mount.source) } : mount;
}
