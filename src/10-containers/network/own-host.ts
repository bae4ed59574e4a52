// An ordinary user's networks. He may make no bridge on the host, but in a network of his own he may make all that root makes on the
// host's. So all his containers that are on networks share one network which nobody lives in: there are their bridges, their cables'
// ends and their rules, as root's are on the host, and a program that stands in for its cable to everybody else (tunnel.ts).
//
//   container        a host of the user's own             the user's program        the host
//   eth0 ══ veth ─── bridge, rules ─── eth0 ◄── packets ──► slirp4netns ◄──► sockets, ports
//
// The monitors of those containers keep it, each by a descriptor, and any of them shows the way in. With the last it is gone. This
// process can't go in: it would find no way back. So what is to be done there a command of ours does, which is started in there.

import { closeSync, existsSync, openSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import {
  awaitStep,
  CLONE,
  CLOSE_RANGE,
  cloneStep,
  closeRangeStep,
  dupStep,
  execveatStep,
  exitCodeAtEnd,
  goStep,
  type Launched,
  launch,
  O,
  openStep,
  type Plan,
  programFd,
  reap,
  reg,
  type Step,
  setnsStep,
  step,
  UserError,
} from "../../01-syscalls/index.ts";
import { isInitialUserNamespace, loopbackSteps, ownsNetwork } from "../../03-namespaces/index.ts";
import { makeFolder } from "../../06-images/index.ts";
import {
  isInUse,
  listNetworks,
  parseTunnel,
  portsOn,
  release,
  requireTunnel,
  takeDownNever,
  whileChanging,
} from "../../08-network/index.ts";
import { type Container, containerIds, readContainer } from "../container.ts";
import { readText, writeFileAtomic } from "../files.ts";
import { containersFolder, type Roots } from "../folders.ts";
import { identify, isAlive, type ProcessId } from "../identity.ts";
import { commandEnvironment, commandLine } from "../on-exit-command.ts";
import { removeFolder } from "../remove-folder.ts";
import { closeTunnel, isTunnelOpen, keepPorts, openTunnel } from "./tunnel.ts";

/** This process is root of many users, and the network it is in is somebody else's. */
export function needsOwnHost(): boolean {
  return process.getuid?.() === 0 && !isInitialUserNamespace() && !ownsNetwork();
}

/** The register that holds it in a launch. */
export const OWN_HOST = "own-host";

const TUNNEL = parseTunnel("slirp4netns")!;

/** Throws UserError where there can be none. */
export function checkOwnHost(): void {
  requireTunnel(TUNNEL.name);
}

const folderOf = ({ state }: Roots): string => join(state, "own-host");

/** A descriptor of it, which the caller closes. Made if need be; with its way out. The caller holds the lock of the networks. */
export function openOwnHost(roots: Roots): number {
  const folder = folderOf(roots);
  makeFolder(folder);
  const found = findOwnHost(roots);
  const fd = found !== undefined && isTunnelOpen(folder) ? found : withTunnel(folder, found);
  noteStarter(roots, fd);
  return fd;
}

/** Who has it, by which descriptor, and what that leads to: `net:[4026532000]`. */
interface Keeper {
  process: ProcessId | undefined;
  fd: number | undefined;
  link?: string;
}

/** Undefined where nobody is on any network. */
function findOwnHost(roots: Roots): number | undefined {
  for (const keeper of [...starters(roots), ...monitors(roots)]) {
    const fd = openFrom(keeper);
    if (fd !== undefined) return fd;
  }
  return undefined;
}

function openFrom({ process: owner, fd: theirs, link }: Keeper): number | undefined {
  if (theirs === undefined || !isAlive(owner)) return undefined;
  try {
    const path = `/proc/${owner.pid}/fd/${theirs}`;
    const found = readlinkSync(path);
    const fd = openSync(path, "r");
    if (isAlive(owner) && (link ?? found) === found && found.startsWith("net:")) return fd;
    closeSync(fd);
  } catch {
    // It has just ended, or let go.
  }
  return undefined;
}

function monitors(roots: Roots): Keeper[] {
  return containerIds(roots).map((id) => {
    const { monitor, ownHost } = readContainer(roots, id)?.state ?? {};
    return { process: monitor, fd: ownHost };
  });
}

const startersIn = (roots: Roots): string => join(folderOf(roots), "starters.json");

/** Commands whose container has no monitor yet, and some whose has. */
function starters(roots: Roots): Keeper[] {
  return JSON.parse(readText(startersIn(roots)) ?? "[]") as Keeper[];
}

/** From now on this process is known to have it, as `fd`. The caller holds the lock of the networks. */
function noteStarter(roots: Roots, fd: number): void {
  const others = starters(roots).filter(({ process: owner }) => isAlive(owner));
  const own: Keeper = { process: identify(process.pid), fd, link: readlinkSync(`/proc/self/fd/${fd}`) };
  writeFileAtomic(startersIn(roots), JSON.stringify([...others, own]), { skipSync: true });
}

/** A new one, or the one that is `known`, with a way out. */
function withTunnel(folder: string, known: number | undefined): number {
  closeTunnel(folder);
  let fd = known ?? -1;
  const beforeGo = ({ pid }: Launched) => {
    if (known === undefined) fd = openSync(`/proc/${pid}/ns/net`, "r");
    openTunnel({ wish: TUNNEL, folder, ports: [], isKept: true }, pid);
  };
  const fds = { ending: programFd("init"), ...(known !== undefined && { [OWN_HOST]: known }) };
  try {
    reap(launch(visitPlan(known === undefined), { fds, beforeGo }).launcherPid, true);
    return fd;
  } catch (error) {
    if (fd >= 0) closeSync(fd);
    throw error;
  }
}

function visitPlan(isNew: boolean): Plan {
  const enter = setnsStep({ fd: reg(OWN_HOST), flags: CLONE.NEWNET, why: "where the bridges are" });
  return {
    before: [
      ...(isNew ? [] : [enter]),
      cloneStep({ flags: isNew ? CLONE.NEWNET : 0, why: "a process, for the network it is in" }),
    ],
    beside: [goStep("its network is kept, and has a way out")],
    inside: [
      ...(isNew ? loopbackSteps() : []),
      awaitStep("somebody opens its network"),
      execveatStep({ fd: reg("ending"), argv: ["init", "--", "/"], env: [], why: "a program that ends at once" }),
    ],
  };
}

/** In what becomes a monitor: it keeps it as this descriptor. */
export function keepOwnHostSteps(to: number): Step[] {
  return [dupStep({ from: reg(OWN_HOST), to, why: "the network of bridges is there as long as it is" })];
}

/** Carries out `mini-docker internal own-host WORDS` in there; what it prints. Throws UserError with what it says if it fails. */
export function inOwnHost(roots: Roots, fd: number, words: string[]): string {
  const said = join(folderOf(roots), "said");
  const argv = [...commandLine(roots), "internal", "own-host", ...words];
  const env = commandEnvironment();
  const plan: Plan = {
    before: [
      closeRangeStep({ first: 3, flags: CLOSE_RANGE.CLOEXEC, why: "nothing of ours is needed" }),
      setnsStep({ fd: reg(OWN_HOST), flags: CLONE.NEWNET, why: "where the bridges are" }),
      cloneStep({ flags: CLONE.PARENT, why: "a command in there" }),
    ],
    beside: [goStep("it may begin")],
    inside: [
      awaitStep("somebody waits for it"),
      openStep({ path: said, flags: O.WRONLY | O.CREAT | O.TRUNC, mode: 0o600, why: "what it says", as: "said" }),
      ...[1, 2].map((to) => dupStep({ from: reg("said"), to, why: "what it says" })),
      step("execve", [argv[0]!, { strings: argv }, { strings: env }], { why: "our own command" }),
    ],
  };
  const { pid, launcherPid } = launch(plan, { fds: { [OWN_HOST]: fd } });
  reap(launcherPid, true);
  const code = exitCodeAtEnd(pid);
  const text = readText(said) ?? "";
  if (code !== 0) throw new UserError(text.trim().replace(/^mini-docker: /, ""));
  return text;
}

/** What is in there: /proc/net/dev, and whether somebody stands at the cables. */
export interface SeenInside {
  links: string;
  isGuarded: boolean;
}

export function lookIntoOwnHost(roots: Roots): SeenInside {
  return whileChanging(roots.root, () => {
    const fd = findOwnHost(roots);
    if (fd === undefined) return { links: "", isGuarded: false };
    try {
      return JSON.parse(inOwnHost(roots, fd, ["look"])) as SeenInside;
    } finally {
      closeSync(fd);
    }
  });
}

/**
 * Takes back what the container has on all networks, or `only` on one, and what is left of containers that are no more; on disk,
 * in there, and at the host's ports. The caller holds the lock of the networks.
 */
export function releaseOwn(roots: Roots, id: string, only?: string): void {
  const fd = findOwnHost(roots);
  // Whoever is about to start has it in hand, and sees to its rules himself.
  if (fd === undefined) releaseOnDisk(roots, id, only);
  else releaseInside(roots, fd, ["release", id, ...(only === undefined ? [] : [only])]);
  if (!listNetworks(roots.root).some(({ name }) => isInUse(roots.root, name))) endOwnHost(roots);
}

function releaseOnDisk(roots: Roots, id: string, only: string | undefined): void {
  release(roots.root, isOver(roots, id), only);
  // The links are gone with the network that they were in.
  takeDownNever();
}

function releaseInside(roots: Roots, fd: number, words: string[]): void {
  try {
    inOwnHost(roots, fd, words);
    keepOwnPorts(roots);
  } finally {
    closeSync(fd);
  }
}

/** Whose addresses are free again. */
export function isOver(roots: Roots, id: string): (holder: string) => boolean {
  return (holder) => holder === id || !existsSync(`${containersFolder(roots)}/${holder}`);
}

/** The host's ports lead in, and from there to the containers. */
export function keepOwnPorts(roots: Roots): void {
  const ports = listNetworks(roots.root).flatMap((network) => portsOn(roots.root, network));
  keepPorts({ wish: TUNNEL, folder: folderOf(roots), ports: ports.map((port) => ({ ...port, port: port.hostPort })) });
}

/** The program that leads there was killed: who is there reaches the others there, and nobody else. */
export function isWayOutLost({ roots, state }: Container): boolean {
  return state.ownHost !== undefined && state.status === "running" && !isTunnelOpen(folderOf(roots));
}

/** Starts another one, for the same ports. A container can do without, and the next command tries again. */
export function mendWayOut(roots: Roots): void {
  whileChanging(roots.root, () => {
    const fd = isTunnelOpen(folderOf(roots)) ? undefined : findOwnHost(roots);
    if (fd === undefined) return;
    try {
      closeSync(withTunnel(folderOf(roots), fd));
      keepOwnPorts(roots);
    } catch {}
  });
}

function endOwnHost(roots: Roots): void {
  closeTunnel(folderOf(roots));
  removeFolder(folderOf(roots));
}
