// A virtual machine, as small as one can be: a distribution's kernel, the files of our base image in memory, and a serial
// line. Everything else that a machine has, qemu imitates: processor, memory, clock, interrupts.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cpioOf } from "./cpio.ts";
import { Listener, QUESTIONS } from "./questions.ts";

export interface Side {
  kernel: string;
  firstWordMs: number;
  /** Of that, the kernel's own part. */
  kernelMs: number;
  processes: number;
  memoryBytes: number;
  fileBytes: number;
}

const QEMU = "qemu-system-x86_64";

/** What keeps this machine from having another one in it, in a few words; undefined where it can. */
export function whyNoMachine(): string | undefined {
  if (process.arch !== "x64") return `only x86-64 is imitated, and this is ${process.arch}`;
  if (isEmulated()) return "this machine is itself imitated, and one inside of it would take minutes";
  if (programPath(QEMU) === undefined) return `there is no ${QEMU} here`;
  return newestKernel() === undefined ? "there is no kernel in /boot that may be read" : undefined;
}

function isEmulated(): boolean {
  return readFileSync("/proc/cpuinfo", "latin1").includes("QEMU TCG");
}

function programPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(":");
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Ubuntu lets only root read its kernels. */
function newestKernel(): string | undefined {
  const names = existsSync("/boot") ? readdirSync("/boot").filter((name) => /^vmlinuz-\d/.test(name)) : [];
  const sorted = names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return sorted.map((name) => join("/boot", name)).findLast(isReadable);
}

function isReadable(path: string): boolean {
  return isUsable(path, constants.R_OK);
}

function isUsable(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Its first process asks, and then has nothing more to do. */
const INIT = `#!/bin/sh
mount -t proc proc /proc
${QUESTIONS}
exec sleep 1000
`;

/** Whether the processor itself runs the machine's code, or qemu imitates each instruction. */
export type Accelerator = "kvm" | "tcg";

/** One that the processor runs is up in a second or two; there are machines whose /dev/kvm is not what it seems. */
const LONGEST_MS: Record<Accelerator, number> = { kvm: 8_000, tcg: 45_000 };

/** Boots it with the files of `layer`, and looks at it while it waits. Throws Error if it doesn't come up. */
export async function bootMachine(layer: string): Promise<{ side: Side; accelerator: Accelerator }> {
  const folder = mkdtempSync(join(tmpdir(), "mini-docker-vm-"));
  const kernel = newestKernel()!;
  try {
    const files = cpioOf(layer, { init: INIT });
    const archive = join(folder, "files.cpio");
    writeFileSync(archive, files);
    const fileBytes = readFileSync(kernel).length + files.length;
    const boot = async (accelerator: Accelerator) => ({
      side: { ...(await askMachine(kernel, archive, accelerator)), fileBytes },
      accelerator,
    });
    return await (isUsable("/dev/kvm", constants.R_OK | constants.W_OK)
      ? boot("kvm").catch(() => boot("tcg"))
      : boot("tcg"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function askMachine(kernel: string, archive: string, how: Accelerator): Promise<Omit<Side, "fileBytes">> {
  const listener = new Listener();
  const qemu = spawn(QEMU, argumentsOf(kernel, archive, how), { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(qemu, "close");
  const end = () => void qemu.kill("SIGKILL");
  const timer = setTimeout(end, LONGEST_MS[how]);
  process.once("exit", end);
  try {
    for await (const line of createInterface({ input: qemu.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (!listener.line(line.trim())) continue;
      const { uptimeMs, ...heard } = listener.heard;
      return { ...heard, kernelMs: uptimeMs, memoryBytes: residentBytes(qemu.pid!) };
    }
    throw new Error("the virtual machine did not come up");
  } finally {
    clearTimeout(timer);
    end();
    await ended;
    process.off("exit", end);
  }
}

function argumentsOf(kernel: string, archive: string, how: Accelerator): string[] {
  const processor = { kvm: ["-accel", "kvm", "-cpu", "host"], tcg: ["-accel", "tcg,thread=multi", "-cpu", "max"] }[how];
  return [
    ...[...processor, "-m", "256", "-nodefaults", "-display", "none", "-no-reboot"],
    ...["-kernel", kernel, "-initrd", archive, "-append", "console=ttyS0 quiet panic=-1 no_timer_check rdinit=/init"],
    ...["-serial", "stdio"],
  ];
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) * 1024;
}
