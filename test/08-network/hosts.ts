// Hosts for tests: each is a network namespace with a cable to ours, kept by a process that sleeps.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";

export interface Host {
  pid: number;
  /** Runs a program there. */
  run(program: string, ...args: string[]): { status: number | null; stdout: string };
  close(): Promise<void>;
}

const ip = (...args: string[]) => execFileSync("ip", args);

/** A host at `theirs`, which is reached by our new link `link` at `ours`; both are addresses with a prefix. */
export async function makeHost(link: string, ours: string, theirs: string): Promise<Host> {
  const child: ChildProcess = spawn("unshare", ["--net", "sleep", "600"], { stdio: "ignore" });
  const pid = child.pid!;
  while (!isApart(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(pid));
  ip("addr", "add", ours, "dev", link);
  ip("link", "set", link, "up");
  const run: Host["run"] = (program, ...args) => {
    const inside = ["-t", String(pid), "-n", program, ...args];
    const { status, stdout } = spawnSync("nsenter", inside, { encoding: "utf8" });
    return { status, stdout };
  };
  run("ip", "addr", "add", theirs, "dev", "eth0");
  for (const name of ["eth0", "lo"]) run("ip", "link", "set", name, "up");
  const close = async () => {
    ip("link", "del", link);
    child.kill("SIGKILL");
    if (child.exitCode === null) await once(child, "close");
  };
  return { pid, run, close };
}

/** unshare(1) has done its work once the program runs. */
function isApart(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`) && execFileSync("readlink", [`/proc/${pid}/exe`]).includes("sleep");
}

const FETCH = `const socket = require("net").connect({ port: +process.argv[2], host: process.argv[1] });
  setTimeout(() => process.exit(3), 1500).unref();
  socket.on("data", (bytes) => { process.stdout.write(bytes); process.exit(0); });
  socket.on("error", ({ code }) => { process.stdout.write(code); process.exit(1); });`;

/** What whoever listens there says first, asked from a host or, without one, from ours. */
export function fetchFrom(host: Host | undefined, address: string, port: number): string {
  const words = ["-e", FETCH, address, String(port)];
  if (host) return host.run("node", ...words).stdout.trim();
  return spawnSync("node", words, { encoding: "utf8" }).stdout.trim();
}

/** A command of a container: whoever connects to this port is told `word`. */
export function telling(word: string, port = 80): string[] {
  return ["sh", "-c", `while :; do echo ${word} | nc -l -p ${port}; done`];
}
