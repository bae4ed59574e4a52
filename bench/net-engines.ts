// Us, docker and podman, each on a host of its own and with the same image: what is measured of networks is measured of each.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PARENT } from "../src/04-cgroups/index.ts";
import { startDockerd } from "./dockerd.ts";
import { removeEmptyGroups } from "./groups.ts";
import { type BenchHost, makeBenchHost } from "./hosts.ts";
import { findProgram, output, programPath } from "./programs.ts";

export interface NetEngine {
  name: string;
  host: BenchHost;
  /** The program with its options, and those of its `run`. */
  program: string[];
  options: string[];
  image: string;
  close(): Promise<void>;
}

/** What those who measure need in the containers; a missing one is told, and not measured. */
export const TOOLS = ["iperf3", "sockperf", "nginx"];

const IMAGE = "localhost/bench-net";

/** A root filesystem as an archive: `base` and the tools that are here, with their libraries. */
export function writeNetImage(folder: string, base: string): string {
  const root = join(folder, "netfs");
  mkdirSync(root);
  output([], ["tar", "-C", root, "-xf", base]);
  for (const tool of TOOLS) copyProgram(root, tool);
  writeFileSync(join(root, "nginx.conf"), NGINX);
  const archive = join(folder, "netfs.tar");
  output([], ["tar", "-C", root, "-cf", archive, "."]);
  return archive;
}

const NGINX = `daemon off; user root; worker_processes 1; pid /tmp/pid; error_log /dev/null crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path /tmp/1; proxy_temp_path /tmp/2; fastcgi_temp_path /tmp/3; uwsgi_temp_path /tmp/4; scgi_temp_path /tmp/5;
  server { listen 80 backlog=4096; return 200 "hello\\n"; }
}
`;

/** Under the same paths, but for the program itself, which is found in any PATH. */
function copyProgram(root: string, name: string): void {
  const program = findProgram(name);
  if (program === undefined) return;
  const libraries = output([], ["ldd", program]).match(/\/\S+/g) ?? [];
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    output([], ["cp", "-L", library, join(root, library)]);
  }
  output([], ["cp", "-L", program, join(root, "bin", name)]);
}

/** Who can't be measured here is told. */
export async function netEngines(
  { folder, archive, ours }: { folder: string; archive: string; ours: string[] },
  tell: (line: string) => void,
): Promise<NetEngine[]> {
  const makers = { ours: () => makeOurs(ours), docker: () => makeDocker(folder), podman: () => makePodman(folder) };
  const engines: NetEngine[] = [];
  for (const [name, make] of Object.entries(makers)) {
    const engine = await make().catch(
      (error: Error) => void tell(`Not measured: ${name} on its bridge: ${error.message}`),
    );
    if (!engine) continue;
    try {
      output(engine.host.within, [...engine.program, "import", archive, IMAGE]);
      // Does it have a network at all?
      output(engine.host.within, [...engine.program, "run", "--rm", ...engine.options, IMAGE, "true"]);
      engines.push(engine);
    } catch (error) {
      tell(`Not measured: ${name} on its bridge: ${(error as Error).message}`);
      await engine.close();
    }
  }
  return engines;
}

async function makeOurs(program: string[]): Promise<NetEngine> {
  const host = await makeBenchHost();
  return { name: "ours", host, program, options: [], image: IMAGE, close: async () => host.close() };
}

async function makeDocker(folder: string): Promise<NetEngine> {
  const program = [programPath("docker")];
  const host = await makeBenchHost();
  const daemon = await startDockerd(join(folder, "net"), host.within);
  const close = async () => {
    await daemon?.close();
    host.close();
  };
  if (daemon) return { name: "docker", host, program, options: ["--pull", "never"], image: IMAGE, close };
  await close();
  throw new Error("its daemon isn't installed, or DOCKER_HOST names another");
}

async function makePodman(folder: string): Promise<NetEngine> {
  const place = join(folder, "net-podman");
  const program = [
    programPath("podman"),
    ...["--root", join(place, "root"), "--runroot", join(place, "run"), "--tmpdir", join(place, "tmp")],
    ...["--network-config-dir", join(place, "networks"), "--cgroup-manager", "cgroupfs", "--events-backend", "none"],
  ];
  // What it would ask for by itself can't always be granted.
  const limits = ["--ulimit", "nofile=10000:10000", "--ulimit", "nproc=1000:1000"];
  const options = ["--pull", "never", ...limits, "--cgroup-parent", `/${PARENT}`, "--cgroups", "no-conmon"];
  const host = await makeBenchHost({ isPure: true });
  const close = async () => {
    output(host.within, [...program, "system", "reset", "--force"]);
    host.close();
    removeEmptyGroups();
  };
  return { name: "podman", host, program, options, image: IMAGE, close };
}
