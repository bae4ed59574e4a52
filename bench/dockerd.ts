// Docker's daemon, for as long as the bench takes, with all that it keeps in one folder. It has a network and mounts of its
// own, so that neither a bridge nor a rule of the firewall is made on this machine, and none of its mounts is left.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PARENT } from "../src/04-cgroups/index.ts";
import { removeEmptyGroups } from "./groups.ts";
import { findProgram } from "./programs.ts";

export interface Daemon {
  close(): Promise<void>;
}

const START_SECONDS = 30;

const APART = ["unshare", "--net", "--mount", "--propagation", "private"];

/**
 * From here on docker's client finds it. Undefined where docker isn't installed, or where DOCKER_HOST names another. On a
 * host it is run by `within`, and has its bridge there.
 */
export async function startDockerd(folder: string, within?: string[]): Promise<Daemon | undefined> {
  const program = findProgram("dockerd");
  if (program === undefined || !findProgram("docker") || process.env.DOCKER_HOST) return undefined;
  const place = join(folder, "docker");
  mkdirSync(place, { recursive: true });
  const host = `unix://${place}/socket`;
  const [runner = "", ...words] = [...(within ?? APART), program, ...flags(place, host)];
  const daemon = spawn(runner, [...words, ...(within ? [] : ["--iptables=false", "--bridge=none"])], {
    stdio: ["ignore", "ignore", openSync(join(place, "log"), "w")],
  });
  process.env.DOCKER_HOST = host;
  await answers(daemon);
  return {
    async close() {
      delete process.env.DOCKER_HOST;
      if (daemon.exitCode !== null) return;
      daemon.kill();
      await once(daemon, "exit");
      removeEmptyGroups();
    },
  };
}

function flags(place: string, host: string): string[] {
  // Nothing of what this machine's own daemon is told.
  const config = join(place, "daemon.json");
  writeFileSync(config, "{}");
  return [
    ...["--config-file", config, "--host", host, "--pidfile", join(place, "pid")],
    ...["--data-root", join(place, "data"), "--exec-root", join(place, "exec")],
    ...["--cgroup-parent", `/${PARENT}`],
  ];
}

/** It may be that it can't start here; then its client says so to whoever asks. */
async function answers(daemon: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_SECONDS * 1000;
  while (daemon.exitCode === null && Date.now() < deadline) {
    try {
      execFileSync("docker", ["version"], { stdio: "ignore" });
      return;
    } catch {
      await sleep(100);
    }
  }
}
