// What runs, and with what around it: the image proposes an entrypoint, a command, an environment and a directory, the
// person who starts the container overrides. How the two combine is Docker's (moby: daemon/commit.go, container/env.go).

import { UserError } from "../../01-syscalls/index.ts";
import { setsFor } from "../../07-security/index.ts";
import { isHost, joinedContainer } from "./namespaces.ts";
import type { Process } from "./oci.ts";
import type { RunOptions } from "./options.ts";
import type { ResolvedUser } from "./user.ts";

/** The part of an OCI image's configuration that says how to run it. See image-spec, config.md, `config`. */
export interface ImageConfig {
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  Env?: string[] | null;
  WorkingDir?: string;
  User?: string;
  Labels?: Record<string, string> | null;
  StopSignal?: string;
  Volumes?: Record<string, object> | null;
  ExposedPorts?: Record<string, object> | null;
}

/** Where `--init`'s process 1 appears in the container. */
export const INIT_PATH = "/sbin/mini-docker-init";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Entrypoint and command, one after the other. An entrypoint of one's own drops the image's command too: it was written
 * for the image's entrypoint. @throws UserError if nothing is left to run
 */
export function commandLine(options: Pick<RunOptions, "entrypoint" | "command">, image: ImageConfig): string[] {
  const entrypoint = options.entrypoint ?? image.Entrypoint ?? [];
  const isImages = options.command.length === 0 && options.entrypoint === undefined;
  const line = [...entrypoint, ...(isImages ? (image.Cmd ?? []) : options.command)];
  if (line.length === 0)
    throw new UserError("no command specified", { hint: "the image has none of its own; name one after the image" });
  return line;
}

/** `line` as process 1 runs it: with `--init` a reaper comes first, unless another process is number 1 already. */
export function processArgs(options: RunOptions, line: string[]): string[] {
  return hasInit(options) ? [INIT_PATH, "--", ...line] : line;
}

/** The way back: the person's own command line, without our process 1. */
export function ownArgs([first = "", separator, ...rest]: string[]): string[] {
  if (first === INIT_PATH) return rest;
  return separator === undefined ? [first] : [first, separator, ...rest];
}

export function hasInit(options: RunOptions): boolean {
  return options.init && !isHost(options.pid) && joinedContainer(options.pid) === undefined;
}

/** Docker's order: its defaults, then what was asked for, then what the image has besides. */
export function environment(options: Pick<RunOptions, "env" | "tty">, image: ImageConfig, hostname: string): string[] {
  const defaults = [`PATH=${DEFAULT_PATH}`, `HOSTNAME=${hostname}`, ...(options.tty ? ["TERM=xterm"] : [])];
  const mentioned = new Set(options.env.map(nameOf));
  const images = (image.Env ?? []).filter((pair) => !mentioned.has(nameOf(pair)));
  return mergeEnv(defaults, [...options.env, ...images]);
}

/** Later values take the place of earlier ones; a bare name takes the variable out. */
export function mergeEnv(base: string[], changes: string[]): string[] {
  const merged = new Map(base.map((pair) => [nameOf(pair), pair]));
  for (const change of changes) {
    if (change.includes("=")) merged.set(nameOf(change), change);
    else merged.delete(change);
  }
  return [...merged.values()];
}

function nameOf(pair: string): string {
  return pair.split("=", 1)[0]!;
}

/** `process` as somebody else: with their ids, what they may do, and their HOME unless the environment has one. */
export function withUser(process: Process, user: ResolvedUser): Process {
  const { uid, gid, additionalGids, home } = user;
  const env = process.env ?? [];
  const hasHome = env.some((pair) => pair.startsWith("HOME=") && pair !== "HOME=");
  return {
    ...process,
    user: { uid, gid, additionalGids },
    env: hasHome ? env : mergeEnv(env, [`HOME=${home}`]),
    ...(process.capabilities && { capabilities: setsFor(process.capabilities.bounding ?? [], uid) }),
  };
}
