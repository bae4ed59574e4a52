// A new filesystem, in the words of fsopen(2): open a description of it, tell it its options one by one, let the kernel
// make it, and turn it into a mount. An option it doesn't like is an error of that one call, and named by it.

import {
  fsconfigStep,
  fscreateStep,
  fsmountStep,
  fsopenStep,
  reg,
  type Step,
  UserError,
} from "../01-syscalls/index.ts";
import { attributeSteps } from "./attributes.ts";
import { directorySteps, hangSteps } from "./destination.ts";
import type { PlannedMount } from "./options.ts";

/** Makes the filesystem and hangs it onto its destination. `after`: see `directorySteps`. */
export function filesystemSteps({ mount, options }: PlannedMount, after?: string): Step[] {
  if (!mount.type) throw new UserError(`the mount on ${mount.destination} has no type`);
  const source = mount.source ? [`source=${mount.source}`] : [];
  return [
    ...newFilesystemSteps({
      type: mount.type,
      settings: [...source, ...options.filesystem],
      attributes: options.own.set,
    }),
    ...attributeSteps({ ...options, own: { set: 0, clear: 0 } }),
    ...directorySteps(mount.destination, after),
    ...hangSteps(),
  ];
}

/** A mount of a new filesystem, hanging nowhere: register `as`. `settings` are `key` or `key=value`. */
export function newFilesystemSteps(o: { type: string; settings: string[]; attributes: number; as?: string }): Step[] {
  const fs = reg("fs");
  return [
    fsopenStep({ type: o.type, why: "a filesystem, to be described", as: "fs" }),
    ...o.settings.map((setting) => fsconfigStep({ fs, ...keyAndValue(setting), why: "one of its options" })),
    fscreateStep({ fs, why: "now it exists" }),
    fsmountStep({ fs, attributes: o.attributes, why: "a mount of it that hangs nowhere yet", as: o.as ?? "mount" }),
  ];
}

/** `"size=64k"` → key and value; `"newinstance"` → key alone. */
export function keyAndValue(setting: string): { key: string; value?: string } {
  const at = setting.indexOf("=");
  return at < 0 ? { key: setting } : { key: setting.slice(0, at), value: setting.slice(at + 1) };
}
