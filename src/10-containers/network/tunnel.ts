// The network of an ordinary user's container (08-network/tunnels.ts): a program is started that stands in for the cable, when
// the container's network is there and nothing in it yet. It is nobody's child. Who it is stands beside the container's
// sockets, before it begins: so whoever tidies up after the container ends it, also when nobody else is left.

import { closeSync, existsSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  awaitStep,
  CLONE,
  CLOSE_RANGE,
  cloneStep,
  closeRangeStep,
  connectSteps,
  dupStep,
  goStep,
  type Launched,
  launch,
  MS,
  mountStep,
  O,
  openStep,
  type Plan,
  perform,
  reap,
  reg,
  SyscallError,
  setnsStep,
  step,
  UserError,
} from "../../01-syscalls/index.ts";
import { isInitialUserNamespace, sharedKinds } from "../../03-namespaces/index.ts";
import {
  type PortWish,
  parseTunnel,
  requireTunnel,
  slirpPortRequest,
  type TunnelWish,
  tunnelCommand,
} from "../../08-network/index.ts";
import type { Container } from "../container.ts";
import { readText, writeFileAtomic } from "../files.ts";
import { identify, isAlive, type ProcessId } from "../identity.ts";
import { Impossible } from "./do-without.ts";

/** Throws UserError where it can't be had. */
export function checkTunnel(network: string): void {
  const wish = parseTunnel(network);
  if (wish === undefined) return;
  if (process.getuid?.() === 0 && isInitialUserNamespace()) {
    throw new UserError(`--network ${wish.name} is for ordinary users' containers`, {
      hint: "root has --network bridge",
    });
  }
  requireTunnel(wish.name);
}

export interface Tunnel {
  wish: TunnelWish;
  /** The container's runtime folder. */
  folder: string;
  ports: readonly PortWish[];
  /** It outlives the process whose network it is for. */
  isKept?: boolean;
}

/** Starts the program for the network of the process `pid`; returns when there is a way out. Throws Impossible, and leaves nobody then. */
export function openTunnel(tunnel: Tunnel, pid: number): void {
  const { wish, folder, ports } = tunnel;
  writeFileSync(join(folder, NETWORK), "");
  const beforeGo = (launched: Launched) => {
    writeFileAtomic(join(folder, RECORD), JSON.stringify(identify(launched.pid)), { skipSync: true });
  };
  try {
    const program = requireTunnel(wish.name);
    reap(launch(tunnelPlan(tunnel, program, pid), { beforeGo }).launcherPid, true);
    awaitSign(tunnel, () => hasWayOut(pid));
    if (wish.name === "slirp4netns") for (const port of ports) ask(tunnel, slirpPortRequest(port));
  } catch (cause) {
    closeTunnel(folder);
    throw impossible(wish, cause);
  }
}

function impossible({ name }: TunnelWish, cause: unknown): Impossible {
  if (cause instanceof Impossible) return cause;
  if (!(cause instanceof UserError)) return new Impossible(`no network by ${name}`, { cause });
  return new Impossible(cause.message, cause.hint === undefined ? {} : { hint: cause.hint });
}

/** Names in the runtime folder. */
const [NETWORK, RECORD, SOCKET, SAID] = ["tunnel.netns", "tunnel.json", "tunnel.sock", "tunnel.log"];

/** Where slirp4netns finds the container's process. */
const PROCESS = 100;

/**
 * It is root of the user namespace that the container's network belongs to. It would find that in /proc, but some of its versions
 * lay down the power to look there first; so the network is put where anybody sees it who has this mount namespace.
 */
function tunnelPlan({ wish, folder, ports, isKept }: Tunnel, program: string, pid: number): Plan {
  const network = join(folder, NETWORK);
  const argv = tunnelCommand({ wish, program, network, ports, process: isKept ? undefined : PROCESS, socket: SOCKET });
  const isApart = !sharedKinds("self", pid).includes("user");
  const why = "it is root where the container's network belongs";
  const said = O.WRONLY | O.CREAT | O.TRUNC;
  return {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "nothing of ours is needed" }),
      step("pidfd_open", [pid, 0], { why: "the container's process", as: "container" }),
      ...(isApart ? [setnsStep({ fd: reg("container"), flags: CLONE.NEWUSER, why })] : []),
      cloneStep({ flags: CLONE.NEWNS, why: "a program that stands in for a cable" }),
    ],
    beside: [goStep("it is written down who it is")],
    inside: [
      awaitStep("somebody writes down who it is"),
      step("chdir", [folder], { why: "the path of a socket can't be long" }),
      mountStep({ target: "/", flags: MS.PRIVATE | MS.REC, why: "what is mounted here is seen here alone" }),
      mountStep({ source: `/proc/${pid}/ns/net`, target: network, flags: MS.BIND, why: "the container's network" }),
      openStep({ path: join(folder, SAID), flags: said, mode: 0o600, why: "what it has to say", as: "said" }),
      ...[1, 2].map((to) => dupStep({ from: reg("said"), to, why: "what it has to say" })),
      ...(wish.name === "slirp4netns"
        ? [dupStep({ from: reg("container"), to: PROCESS, why: "it sees its end" })]
        : []),
      step("execve", [program, { strings: argv }, { strings: environment() }], { why: `it becomes ${wish.name}` }),
    ],
  };
}

function environment(): string[] {
  return Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
}

const TIMEOUT_MS = 10_000;

/** It tells nobody that it is ready, but what it does is seen. */
function awaitSign({ wish, folder }: Tunnel, isSeen: () => boolean): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = Date.now() + TIMEOUT_MS;
  while (!isSeen()) {
    if (!isAlive(recorded(folder))) throw new Impossible(`no network by ${wish.name}: ${lastWords(folder)}`);
    if (Date.now() > deadline) throw new Impossible(`no network by ${wish.name}: it takes too long`);
    Atomics.wait(pause, 0, 0, 1);
  }
}

/** A route to everybody: proc_pid_net(5). */
function hasWayOut(pid: number): boolean {
  const routes = readText(`/proc/${pid}/net/route`) ?? "";
  const routes6 = readText(`/proc/${pid}/net/ipv6_route`) ?? "";
  return /^eth0\t00000000\t/m.test(routes) || /^0{32} 00 .* eth0$/m.test(routes6);
}

/** Without a system log it complains about that, too. */
function lastWords(folder: string): string {
  const lines = (readText(join(folder, SAID)) ?? "").split("\n").filter((line) => line.trim() !== "");
  return lines.filter((line) => !/to syslog$/.test(line)).at(-1) ?? "it ended without a word";
}

/** These ports lead in, and no others. Throws Impossible. */
export function keepPorts(tunnel: Tunnel): void {
  const asked = new Set(
    tunnel.ports.map(({ protocol, hostAddress, hostPort }) => `${protocol} ${hostAddress}:${hostPort}`),
  );
  const { entries } = ask(tunnel, '{"execute":"list_hostfwd"}') as { entries: SlirpPort[] };
  const nameOf = ({ proto, host_addr, host_port }: SlirpPort) => `${proto} ${host_addr}:${host_port}`;
  for (const entry of entries) {
    if (asked.has(nameOf(entry))) continue;
    ask(tunnel, JSON.stringify({ execute: "remove_hostfwd", arguments: { id: entry.id } }));
  }
  const there = new Set(entries.map(nameOf));
  for (const port of tunnel.ports) {
    if (!there.has(`${port.protocol} ${port.hostAddress}:${port.hostPort}`)) ask(tunnel, slirpPortRequest(port));
  }
}

interface SlirpPort {
  id: number;
  proto: string;
  host_addr: string;
  host_port: number;
}

/** What slirp4netns returns. */
function ask(tunnel: Tunnel, request: string): unknown {
  let line = -1;
  awaitSign(tunnel, () => {
    line = connectTo(tunnel.folder);
    return line >= 0;
  });
  try {
    writeSync(line, request);
    const said = readAll(line);
    if (said.includes('"error"')) throw new Impossible(`no network by ${tunnel.wish.name}: ${said.trim()}`);
    const answer = JSON.parse(said) as { return?: unknown };
    // Only a list is told as it is.
    return answer.return ?? answer;
  } finally {
    closeSync(line);
  }
}

function readAll(fd: number): string {
  const piece = Buffer.alloc(65_536);
  let text = "";
  for (let got = readSync(fd, piece); got > 0; got = readSync(fd, piece)) text += piece.toString("utf8", 0, got);
  return text;
}

/** -1 where it doesn't listen yet. A socket's path has room for 107 bytes, so the folder is named by its descriptor. */
function connectTo(folder: string): number {
  const fd = openSync(folder, "r");
  try {
    const path = `/proc/self/fd/${fd}/${SOCKET}`;
    return perform(connectSteps({ path, as: "line", why: "it is told of ports" })).line!;
  } catch (error) {
    if (error instanceof SyscallError && ["ENOENT", "ECONNREFUSED"].includes(error.code)) return -1;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** The program was killed, and the container, which runs, has no network any more. */
export function isTunnelLost({ record, folder, state }: Container): boolean {
  if (!parseTunnel(record.options.network) || state.status !== "running") return false;
  const found = recorded(folder.runtime);
  return found !== undefined && !isAlive(found);
}

/** Starts another one, for the same ports. A container can do without, and the next command tries again. */
export function mendTunnel({ record, folder, state }: Container): void {
  try {
    const wish = parseTunnel(record.options.network)!;
    openTunnel({ wish, folder: folder.runtime, ports: state.ports ?? [] }, state.process!.pid);
  } catch {}
}

function recorded(folder: string): ProcessId | undefined {
  const text = readText(join(folder, RECORD));
  return text === undefined ? undefined : (JSON.parse(text) as ProcessId);
}

export function isTunnelOpen(folder: string): boolean {
  return isAlive(recorded(folder));
}

/** The container has ended. `folder` is its runtime folder, which may be gone. */
export function closeTunnel(folder: string): void {
  if (!existsSync(join(folder, RECORD))) return;
  const found = recorded(folder);
  if (isAlive(found)) process.kill(found.pid, "SIGKILL");
}
