// The processes of a container, read from outside: its group says which they are, or where it has none its pid namespace;
// the host's own ps says what they do.

import { spawnSync } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import { groupPids } from "../../04-cgroups/index.ts";
import type { Container } from "../container.ts";

/** Process ids of the host, of everything that runs in the container. Throws UserError unless it is running. */
export function containerPids({ state, record }: Container): number[] {
  if (!state.group || !["running", "paused"].includes(state.status)) {
    throw new UserError(`container ${record.id} is not running`);
  }
  return state.group.directories.length > 0 ? groupPids(state.group) : namespacePids(state.process?.pid ?? 0);
}

/** Everything in the pid namespace of the process `first`, as far as we may look. */
function namespacePids(first: number): number[] {
  const namespace = pidNamespace(first);
  const all = readdirSync("/proc").map(Number).filter(Boolean);
  return namespace === undefined ? [] : all.filter((pid) => pidNamespace(pid) === namespace);
}

function pidNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** Cells under titles, as ps prints them. */
export interface ProcessTable {
  titles: string[];
  processes: string[][];
}

const EVERYTHING = ["-ef"];

/** What `ps ARGS` says of the container's processes. Throws UserError where ps refuses, or leaves the PID out. */
export function containerProcesses(container: Container, args: string[]): ProcessTable {
  const pids = containerPids(container);
  return onlyOf(pids, runPs(args.length > 0 ? args : EVERYTHING));
}

function runPs(args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync("ps", args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (error) throw new UserError("the host has no ps to ask", { hint: "procps has one", cause: error });
  if (status !== 0) throw new UserError(`ps: ${stderr.trim().split("\n")[0]?.replace(/^ps: /, "")}`);
  return stdout;
}

/** Of the lines of ps, those of these processes. The last column may hold spaces. */
export function onlyOf(pids: number[], text: string): ProcessTable {
  const [header = "", ...lines] = text.split("\n").filter((line) => line.trim() !== "");
  const titles = header.trim().split(/\s+/);
  const column = titles.indexOf("PID");
  if (column < 0) throw new UserError("Couldn't find PID field in ps output");
  const rows = lines.map((line) => cells(line, titles.length));
  return { titles, processes: rows.filter((row) => pids.includes(Number(row[column]))) };
}

function cells(line: string, count: number): string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, count - 1), words.slice(count - 1).join(" ")];
}
