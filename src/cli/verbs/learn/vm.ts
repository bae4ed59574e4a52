// `learn vm`: a container beside a virtual machine, measured here and now. Lesson 00 is about the difference.

import { join } from "node:path";
import type { Roots } from "../../../10-containers/folders.ts";
import { packageFolder } from "../../../course/package-folder.ts";
import { type Comparison, compare } from "../../../course/vm/compare.ts";
import type { Side } from "../../../course/vm/machine.ts";
import { readCommand } from "../../flags/command.ts";
import { writeAll } from "../../output.ts";
import { padTo } from "../../show/width.ts";

const SUMMARY = "Start a container and a virtual machine with the same files, and compare them";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  if (readCommand({ name: "learn vm", flags: [], asked: {}, summary: SUMMARY }, argv) === undefined) return 0;
  const program = join(packageFolder(), "dist/mini-docker.js");
  const engine = [process.execPath, "--", program, "--root", roots.root, "--state", roots.state];
  writeAll(1, picture(await compare(roots, engine)));
  return 0;
}

const ROWS: [name: string, cell: (side: Side) => string][] = [
  ["from the command to its first word", ({ firstWordMs }) => `${(firstWordMs / 1000).toFixed(2)} s`],
  ["  of that, the kernel's part", ({ kernelMs }) => `${(kernelMs / 1000).toFixed(4)} s`],
  ["processes it shows", ({ processes }) => `${processes}`],
  ["memory, as the host sees it", ({ memoryBytes }) => `${mebibytes(memoryBytes)} MB`],
  ["files it is made of", ({ fileBytes }) => `${mebibytes(fileBytes)} MB`],
  ["its kernel", ({ kernel }) => /^[\d.]*/.exec(kernel)![0]],
];

function picture({ container, machine, source }: Comparison): string {
  const rows = ROWS.map(([name, cell]) => line(name, cell(container), cell(machine)));
  return `${[line("", "container", "virtual machine"), ...rows, "", `${sourceOf(source)}`].join("\n")}\n`;
}

const RUN = {
  kvm: "The virtual machine ran here and now, with the processor's help (KVM).",
  tcg: "The virtual machine ran here and now; qemu imitated its processor, which takes longer.",
};

function sourceOf(source: Comparison["source"]): string {
  if ("accelerator" in source) return RUN[source.accelerator];
  return `The virtual machine was measured elsewhere, its processor imitated: ${source.recordedBecause}.`;
}

function line(name: string, container: string, machine: string): string {
  return `${padTo(name, 38)}${padTo(container, 20)}${machine}`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
