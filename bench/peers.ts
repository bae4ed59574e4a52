// Whatever else is installed that runs containers: docker and podman, which do what our command line does, and crun and
// runc, which do what our launcher does. Each works in folders below one that goes away.
//
// crun (1.8) refuses a machine with cgroup v1 and v2 side by side, and podman runs crun. So they work in a mount namespace
// of their own, where the unified tree is taken away.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { findMachine, PARENT } from "../src/04-cgroups/index.ts";
import { removeEmptyGroups } from "./groups.ts";
import { output, programPath } from "./programs.ts";
import type { Command } from "./stopwatch.ts";

export interface Engine {
  name: string;
  /** Without a network, like ours. */
  run: Command;
  exec: Command;
  /** Starts so many containers that sleep, one after the other. */
  sleepers(count: number): Command;
  /** The ids of the processes that watch over them. */
  monitors(): number[];
  close(): void;
}

export interface Runtime {
  name: string;
  start(bundle: string): Command;
}

export interface Peers {
  engines: Engine[];
  runtimes: Runtime[];
  /** Who isn't measured, and why. */
  absent: string[];
  close(): void;
}

/** `rootfs` is a folder with the files that all their containers have. */
export async function findPeers(folder: string, rootfs: string): Promise<Peers> {
  const archive = join(folder, "rootfs.tar");
  output([], ["tar", "-C", rootfs, "-cf", archive, "."]);
  const place = await privatePlace();
  const absent: string[] = [];
  const present = <T>(name: string, make: () => T): T[] => {
    try {
      return [make()];
    } catch (error) {
      absent.push(`${name}: ${(error as Error).message}`);
      return [];
    }
  };
  const engines = [
    ...present("podman", () => podman(folder, archive, place.within)),
    ...present("docker", () => docker(archive)),
  ];
  const runtimes = ["crun", "runc"].flatMap((name) => present(name, () => runtime(name, folder, place.within)));
  return {
    engines,
    runtimes,
    absent,
    close() {
      for (const engine of engines) engine.close();
      place.close();
      removeEmptyGroups();
    },
  };
}

/** A mount namespace that lasts until `close`. */
async function privatePlace(): Promise<{ within: string[]; close(): void }> {
  const { bases } = findMachine();
  const isHybrid = bases.some(({ version }) => version === 1);
  const unified = isHybrid ? bases.filter(({ version }) => version === 2).map(({ mountPoint }) => mountPoint) : [];
  const script = [...unified.map((path) => `umount ${path}`), "echo ready", "exec sleep infinity"].join(" && ");
  const keeper = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(keeper.stdout, "data");
  return { within: ["nsenter", "--mount", "--target", `${keeper.pid}`], close: () => void keeper.kill() };
}

// ---- engines

/** What podman would ask for by itself can't always be granted: more files and processes than this user may have. */
const LIMITS = ["--ulimit", "nofile=1000:1000", "--ulimit", "nproc=1000:1000"];
const ASIDE = ["--network", "none", "--pull", "never", ...LIMITS];
const UP = "bench-up";
const IMAGE = "localhost/mini-docker-bench";

function podman(folder: string, archive: string, within: string[]): Engine {
  const place = join(folder, "podman");
  const podman = [
    programPath("podman"),
    ...["--root", join(place, "root"), "--runroot", join(place, "run"), "--tmpdir", join(place, "tmp")],
    ...["--cgroup-manager", "cgroupfs", "--events-backend", "none"],
  ];
  const options = [...ASIDE, "--cgroup-parent", `/${PARENT}`, "--cgroups", "no-conmon"];
  output(within, [...podman, "import", "--quiet", archive, IMAGE]);
  return engine({
    name: "podman",
    program: podman,
    options,
    within,
    monitors: (names) => output(within, [...podman, "inspect", "--format", "{{.State.ConmonPid}}", ...names]),
    forget: () => output(within, [...podman, "system", "reset", "--force"]),
  });
}

/** Its daemon is up: dockerd.ts. */
function docker(archive: string): Engine {
  const docker = [programPath("docker")];
  output([], [...docker, "version", "--format", "{{.Server.Version}}"]);
  output([], [...docker, "import", archive, IMAGE]);
  return engine({
    name: "docker",
    program: docker,
    options: ASIDE,
    within: [],
    // containerd's shims are its children's parents.
    monitors: (names) =>
      output([], [...docker, "inspect", "--format", "{{.State.Pid}}", ...names])
        .split("\n")
        .map((pid) => output([], ["ps", "-o", "ppid=", "-p", pid]))
        .join("\n"),
    forget: () => output([], [...docker, "rmi", IMAGE]),
  });
}

interface EngineParts {
  name: string;
  program: string[];
  options: string[];
  within: string[];
  /** One process id a line. */
  monitors(names: string[]): string;
  forget(): void;
}

function engine({ name, program, options, within, monitors, forget }: EngineParts): Engine {
  let sleeping: string[] = [];
  const start = (container: string) => [
    ...program,
    "run",
    "-d",
    "--name",
    container,
    ...options,
    IMAGE,
    "sleep",
    "1000",
  ];
  output(within, start(UP));
  return {
    name,
    run: { within, argv: [...program, "run", "--rm", ...options, IMAGE, "true"] },
    exec: { within, argv: [...program, "exec", UP, "true"] },
    sleepers(count) {
      sleeping = Array.from({ length: count }, (_, index) => `bench-${index}`);
      const script = sleeping.map((container) => start(container).join(" ")).join(" && ");
      return { within, argv: ["/bin/sh", "-c", script] };
    },
    monitors: () => monitors(sleeping).split("\n").map(Number),
    close() {
      output(within, [...program, "rm", "--force", UP, ...sleeping]);
      forget();
    },
  };
}

// ---- runtimes

function runtime(name: string, folder: string, within: string[]): Runtime {
  const program = [programPath(name), "--root", join(folder, name)];
  return { name, start: (bundle) => ({ within, argv: [...program, "run", "--bundle", bundle, `bench-${name}`] }) };
}
