// A container's view of a volume. What is in a volume was left there by a container, which may be anybody's: of a
// `volume-subpath`, any name on the way can be a link to the host's /etc by the time it is looked up. Nothing that is
// checked here in advance would still be so then. The kernel looks it up, once, as if the volume were `/`; a link to /etc
// leads to the volume's own, and what was found is a descriptor, that no later link can turn into something else.

import { AT, closeStep, O, openInRootStep, openStep, openTreeStep, reg, type Step } from "../01-syscalls/index.ts";
import { elsewhereSteps, newFilesystemSteps, parseMountOptions } from "../02-rootfs/index.ts";
import type { VolumeSource } from "./driver.ts";

export interface FolderView {
  /** Where the volume's files are, on the host. */
  folder: string;
  /** Of what in there; unless said, all of it. */
  subpath?: string | undefined;
  /** The register for the view, which hangs nowhere yet. */
  as: string;
}

/** A view of a volume's folder, or of a folder or file in it. */
export function volumeViewSteps({ folder, subpath, as }: FolderView): Step[] {
  const flags = AT.RECURSIVE;
  if (subpath === undefined) return [openTreeStep({ path: folder, flags, why: "a view of the volume's files", as })];
  const [volume, part] = [reg("volume"), reg("part")];
  return [
    openStep({ path: folder, flags: O.PATH | O.DIRECTORY, why: "where paths in the volume begin", as: volume.reg }),
    openInRootStep({ root: volume, path: subpath, flags: O.PATH, why: "no link in it leads out of it", as: part.reg }),
    openTreeStep({ dir: part, path: "", flags, why: "a view of what was found, whatever has its name by now", as }),
    closeStep({ fd: part, why: "the view holds it" }),
    closeStep({ fd: volume, why: "no descriptor to the host's tree stays open" }),
  ];
}

type Of<Kind extends VolumeSource["kind"]> = VolumeSource & { kind: Kind };

/** The same of a volume that is a filesystem of its own: made by the kernel, and hanging nowhere yet. */
export function volumeFilesystemSteps(source: Of<"filesystem">, as: string): Step[] {
  const { type, device, words } = source;
  const { filesystem, own } = parseMountOptions(words);
  return newFilesystemSteps({ type, settings: [`source=${device}`, ...filesystem], attributes: own.set, as });
}

/**
 * The same of such a volume that another container has mounted: nobody else on the machine has it. Whoever it is may have
 * renamed what is on the way to it, and then lends another of its own folders.
 */
export function sharedVolumeSteps({ pid, path }: Of<"shared">, as: string): Step[] {
  return elsewhereSteps({ pid, path }, AT.RECURSIVE, as);
}
