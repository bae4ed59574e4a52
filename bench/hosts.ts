// Hosts to measure networks on: each is a network namespace with mounts of its own, so that no link, no rule and no load is
// on this machine's own network. A second namespace beside it is the outside, from which its published ports are asked for.
//
//   outside 10.79.0.2 ── cable ── 10.79.0.1 host, with the engine's bridge and containers

import { spawn } from "node:child_process";
import { once } from "node:events";
import { findMachine } from "../src/04-cgroups/index.ts";
import { output } from "./programs.ts";

export interface BenchHost {
  /** What a command is run by that shall run there, and outside of it. */
  within: string[];
  outside: string[];
  /** Where it is reached from outside. */
  address: string;
  close(): void;
}

/** With `isPure`, cgroup v2 is taken away where it is beside v1, which crun needs. */
export async function makeBenchHost({ isPure = false } = {}): Promise<BenchHost> {
  const { bases } = findMachine();
  const isHybrid = isPure && bases.some(({ version }) => version === 1);
  const unified = isHybrid ? bases.filter(({ version }) => version === 2).map(({ mountPoint }) => mountPoint) : [];
  // Locks and leases of network plugins, and the names of namespaces, are below /run.
  const own = [
    "ip link set lo up",
    ...(isPure ? ["mount -t tmpfs run /run"] : []),
    ...unified.map((path) => `umount ${path}`),
  ];
  const keeper = await keep(own);
  const outsider = await keep(["ip link set lo up"]);
  const [within, outside] = [keeper, outsider].map(({ pid }) => ["nsenter", "--net", "--mount", "--target", `${pid}`]);
  const address = "10.79.0.1";
  output(within!, ["ip", "link", "add", "up0", "type", "veth", "peer", "name", "eth0", "netns", `${outsider.pid}`]);
  for (const [words, where] of [
    [`addr add ${address}/24 dev up0`, within],
    ["link set up0 up", within],
    ["addr add 10.79.0.2/24 dev eth0", outside],
    ["link set eth0 up", outside],
  ] as const)
    output(where!, ["ip", ...words.split(" ")]);
  const close = () => {
    for (const each of [keeper, outsider]) each.kill("SIGKILL");
  };
  return { within: within!, outside: outside!, address, close };
}

async function keep(commands: string[]) {
  const script = [...commands, "echo ready", "exec sleep infinity"].join(" && ");
  const child = spawn("unshare", ["--net", "--mount", "--propagation", "private", "sh", "-c", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}
