// The two sides of `cp`. What is named on the host is its user's own business, and resolved as ever; what is named in a
// container is resolved by the kernel beneath a descriptor of its root, so that no link in it leads to the host's files,
// however it is swapped meanwhile (CVE-2018-15664). Either way a descriptor comes back, and the name is not used again.

import { fstatSync } from "node:fs";
import { dirname } from "node:path";
import { O, openStep, performOne, SyscallError, UserError } from "../../01-syscalls/index.ts";
import { toBytePath } from "../../05-overlay/index.ts";
import { type Container, readSpec } from "../container.ts";
import type { TypedPath } from "./copy-rules.ts";
import { lent, openFrom, WITHIN } from "./descriptors.ts";

/** All descriptors are O.PATH, for the caller to close. */
export interface Side {
  /** What is to be copied; a link itself, unless `follow`. Throws UserError where there is nothing. */
  source(path: TypedPath, follow: boolean): number;
  /** What has the name already, through links; undefined where there is nothing. */
  find(path: TypedPath): number | undefined;
  /** The directory that something new of that name would be in. Throws UserError where there is none. */
  parent(path: TypedPath): number;
  /** Throws UserError if nothing may be written in the directory `fd`. */
  requireWritable(fd: number): void;
}

export class HostSide implements Side {
  source({ path, mustBeDirectory }: TypedPath, follow: boolean): number {
    const fd = openPath(path, follow || mustBeDirectory ? 0 : O.NOFOLLOW);
    if (fd !== undefined) return fd;
    throw new UserError(`lstat ${path}: no such file or directory`);
  }

  find({ path }: TypedPath): number | undefined {
    return openPath(path, 0);
  }

  parent({ path }: TypedPath): number {
    const fd = openPath(dirname(path), O.DIRECTORY);
    if (fd !== undefined) return fd;
    throw new UserError(`invalid output path: directory ${JSON.stringify(dirname(path))} does not exist`);
  }

  /** The kernel says so itself. */
  requireWritable(): void {}
}

/** Undefined where there is nothing of that name. */
function openPath(path: string, flags: number): number | undefined {
  const allow = ["ENOENT", "ENOTDIR"] as const;
  const fd = performOne(openStep({ path, flags: O.PATH | flags, why: "what is to be copied", allow: [...allow] }));
  return fd < 0 ? undefined : fd;
}

export class ContainerSide implements Side {
  private readonly root: number;
  private readonly container: Container;

  /** `root` is a descriptor of the container's `/`. */
  constructor(root: number, container: Container) {
    this.root = root;
    this.container = container;
  }

  source(typed: TypedPath, follow: boolean): number {
    return this.open(typed.path, follow || typed.mustBeDirectory ? 0 : O.NOFOLLOW) ?? this.missing(typed.path);
  }

  find({ path }: TypedPath): number | undefined {
    return this.open(path, 0);
  }

  parent({ path }: TypedPath): number {
    return this.open(dirname(path), O.DIRECTORY) ?? this.missing(dirname(path));
  }

  requireWritable(fd: number): void {
    const isRoot = fstatSync(fd, { bigint: true }).dev === fstatSync(this.root, { bigint: true }).dev;
    if (isRoot && this.container.record.options.readOnly) throw new UserError("container rootfs is marked read-only");
  }

  /**
   * Devices (st_dev) of the filesystems that the kernel shows a container, except that of `fd`: who copies `/` wants
   * neither /proc nor /sys, but may ask for them.
   */
  kernelFilesystems(fd: number): Set<bigint> {
    const { mounts = [] } = readSpec(this.container);
    const asked = this.container.record.options.mounts.map(({ target }) => target);
    const ours = mounts.filter(({ destination, type }) => type !== "bind" && !asked.includes(destination));
    const devices = new Set(ours.flatMap(({ destination }) => this.deviceOf(destination) ?? []));
    for (const used of [this.root, fd]) devices.delete(fstatSync(used, { bigint: true }).dev);
    return devices;
  }

  private deviceOf(path: string): bigint | undefined {
    const fd = this.open(path, 0);
    return fd === undefined ? undefined : lent(fd, () => fstatSync(fd, { bigint: true }).dev);
  }

  private open(path: string, flags: number): number | undefined {
    try {
      const fd = openFrom(this.root, toBytePath(path), O.PATH | flags, WITHIN.root, ["ENOENT", "ENOTDIR"]);
      return fd < 0 ? undefined : fd;
    } catch (cause) {
      if (!(cause instanceof SyscallError)) throw cause;
      throw new UserError(`cannot open ${path} in container ${this.container.record.name}`, { cause });
    }
  }

  private missing(path: string): never {
    throw new UserError(`Could not find the file ${path} in container ${this.container.record.name}`);
  }
}
