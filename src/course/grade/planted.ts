// What a check puts where the runtime will find it: a root filesystem with a probe, meter's key beside it, and meter itself.
// Names and contents are made of a token that nobody knew before, so what is found afterwards is what was put there.
//
//   FOLDER/key                meter's key: outside of every ROOTFS
//   FOLDER/meter              the probe again, by another name
//   FOLDER/SCENARIO/rootfs    a root filesystem, or an image
//
// See place.ts for where FOLDER is.

import { readFileSync } from "node:fs";
import { programPath, randomBytes } from "../../01-syscalls/index.ts";
import type { Scenario } from "./check.ts";
import { layoutFiles } from "./layout-files.ts";

/** A file, or a folder where it has no bytes. */
export interface PlantedFile {
  path: string;
  bytes?: Buffer;
  mode: number;
}

export interface Planted {
  /** The name of the probe's file and process, at most 15 bytes. */
  probe: string;
  /** What is in the file: nobody else has this very probe. */
  program: Buffer;
  /** What is in ROOTFS's MARK. */
  mark: string;
  files: PlantedFile[];
  /** Relative to the folder, or `/`. */
  rootfs: string;
  /** The probe, as the runtime is told. With `host` it is relative to the folder, too. */
  command: string;
}

/** A name at the top of ROOTFS, by which a view or a copy of it is known. */
export const MARK = ".rootfs";

/** Everything of one scenario, but what all have in common. */
export function plantedFor({ id, rootfs = "directory" }: Scenario): Planted {
  const token = Buffer.from(randomBytes(4)).toString("hex");
  const probe = `probe-${token}`;
  const whole = Buffer.concat([readFileSync(programPath("probe")), Buffer.from(token)]);
  // A program still runs with another byte at its end.
  const program = rootfs === "tampered image" ? Buffer.concat([whole.subarray(0, -1), Buffer.from("~")]) : whole;
  const top = `${id}/rootfs`;
  const common = { probe, program, mark: token };
  const inside = filesInside(probe, program, token);
  if (rootfs === "host") return { ...common, files: at(top, inside), rootfs: "/", command: `${top}/${probe}` };
  const files = rootfs === "directory" ? inside : layoutFiles(filesInside(probe, whole, token), inside);
  return { ...common, files: at(top, files), rootfs: top, command: `/${probe}` };
}

/**
 * Folders that a container's usual mounts need, one that a break-out uses, and two programs. Everybody may write: whom a
 * runtime makes root in there is its own business.
 */
function filesInside(probe: string, program: Buffer, token: string): PlantedFile[] {
  const folders = ["bin", "dev", "etc", "hole", "proc", "sys", "tmp"];
  return [
    ...folders.map((path) => ({ path, mode: 0o777 })),
    { path: MARK, bytes: Buffer.from(token), mode: 0o666 },
    { path: "bin/sh", bytes: program, mode: 0o777 },
    { path: probe, bytes: program, mode: 0o777 },
  ];
}

/** What all scenarios share. */
export function commonFiles(): PlantedFile[] {
  return [
    { path: "key", bytes: Buffer.from(`${Buffer.from(randomBytes(16)).toString("hex")}\n`), mode: 0o644 },
    { path: "meter", bytes: readFileSync(programPath("probe")), mode: 0o755 },
  ];
}

function at(folder: string, files: PlantedFile[]): PlantedFile[] {
  const folders = folder.split("/").map((_, index, names) => names.slice(0, index + 1).join("/"));
  return [
    ...folders.map((path) => ({ path, mode: path === folder ? 0o777 : 0o755 })),
    ...files.map((file) => ({ ...file, path: `${folder}/${file.path}` })),
  ];
}
