// An overlay whose upper directory lies in memory: in a tmpfs of the container's own, which is gone with it. What it writes
// reaches no disk, and is never more than was allowed. (Not every kernel keeps overlay's marks in a tmpfs: that takes
// extended attributes of users, Linux 6.6. Without, a folder that was removed can't be made again under its name.)

import {
  fsconfigStep,
  fscreateStep,
  fsmountStep,
  fsopenStep,
  mkdirStep,
  moveMountStep,
  O,
  openStep,
  type Path,
  reg,
  type Step,
} from "../01-syscalls/index.ts";
import type { Overlay, Stack } from "./mount.ts";

const MEMORY = reg("memory");

/** In the child: the tmpfs, hung on the empty directory `on`, and in it what an overlay wants to write to. */
export function memorySteps({ memoryBytes = 0 }: Overlay, on: Path): Step[] {
  const fs = reg("fs");
  return [
    fsopenStep({ type: "tmpfs", as: "fs", why: "memory for what the container writes" }),
    fsconfigStep({ fs, key: "size", value: String(memoryBytes), why: "and no more than that" }),
    fsconfigStep({ fs, key: "mode", value: "700", why: "nobody looks at it but through the overlay" }),
    fscreateStep({ fs, why: "now it exists" }),
    fsmountStep({ fs, as: MEMORY.reg, why: "a mount of it" }),
    openStep({ path: on, flags: O.PATH | O.DIRECTORY, as: "hook", why: "an empty directory" }),
    moveMountStep({ from: MEMORY, target: reg("hook"), why: "mounted in here, it may be part of an overlay" }),
    mkdirStep({ dir: MEMORY, path: "upper", mode: 0o755, why: "everything the container writes lands here" }),
    mkdirStep({ dir: MEMORY, path: "work", mode: 0o755, why: "where the kernel prepares a file" }),
  ];
}

/** The same overlay, on top of that. */
export function inMemory<Some extends Stack>(overlay: Some): Stack {
  return { ...overlay, upper: pathOf("upper"), work: pathOf("work") };
}

function pathOf(name: string): Path {
  return { text: ["/proc/self/fd/", MEMORY, `/${name}`] };
}
