// An ordinary user for tests, with his folders, his /dev/net/tun and his name server in a mount namespace that is his own.

import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROGRAM } from "../support/cli.ts";

const ID = 2000;
const FIRST = 700_000;

/** What there is of his machine: ids that root has given him (`many`), the mode of his /dev/net/tun, programs that are missing. */
export interface Lot {
  ids?: "none" | "many";
  tun?: string;
  hidden?: string;
}

export interface OrdinaryUser {
  /** Everybody may pass through it. `home` and `run` in it are his own. */
  folder: string;
  /** Runs a script in a shell of his, in which `md` is our command; what it says. The environment says nothing of networks. */
  call(script: string, lot?: Lot): { status: number | null; stderr: string; lines: string[] };
  /** His programs that stand in for cables; those that are over take a moment to go. */
  standIns(wanted: number): string[];
  /** All that he runs. */
  processes(): string[];
  close(): void;
}

const MD = `md() { node -- ${PROGRAM} "$@"; }`;

const SETTLE = `
  mount -t tmpfs -o mode=755 tun /dev/net && mknod -m $TUN /dev/net/tun c 10 200
  mount --bind $1/resolv.conf /etc/resolv.conf
  for each in subuid subgid; do touch /etc/$each; mount --bind $1/$IDS /etc/$each; done
  mount --bind $1/passwd /etc/passwd
  for each in $(eval "echo $HIDDEN"); do mount --bind $1/$IDS $each; done
  export HOME=$1/home XDG_RUNTIME_DIR=$1/run
  unset XDG_DATA_HOME XDG_CONFIG_HOME
  cd $1/home
  exec setpriv --reuid ${ID} --regid ${ID} --clear-groups sh -c "$2"`;

export function makeOrdinaryUser(nameServer: string): OrdinaryUser {
  const folder = mkdtempSync("/var/tmp/user-");
  chmodSync(folder, 0o755);
  for (const name of ["home", "run"]) {
    mkdirSync(join(folder, name), { mode: 0o700 });
    chownSync(join(folder, name), ID, ID);
  }
  writeFileSync(join(folder, "many"), `somebody:${FIRST}:65536\n`);
  writeFileSync(join(folder, "none"), "");
  writeFileSync(join(folder, "resolv.conf"), `nameserver ${nameServer}\n`);
  const passwd = `${readFileSync("/etc/passwd", "utf8")}somebody:x:${ID}:${ID}::/:/bin/sh\n`;
  writeFileSync(join(folder, "passwd"), passwd);

  const call: OrdinaryUser["call"] = (script, { tun = "666", ids = "none", hidden = "" } = {}) => {
    const words = ["unshare", "-m", "--propagation", "private", "sh", "-ec", SETTLE, "sh", folder, `${MD}\n${script}`];
    const { MINI_DOCKER_NETWORK: _, ...before } = process.env;
    const env = { ...before, TUN: tun, IDS: ids, HIDDEN: hidden };
    const { stdout, stderr, status } = spawnSync("setsid", ["-w", ...words], { encoding: "utf8", env });
    return { status, stderr, lines: stdout.trim().split("\n") };
  };
  const standIns = (wanted: number) => {
    const deadline = Date.now() + 2_000;
    const all = () => processesOf("-x", "slirp4netns|pasta|passt|pasta.avx2|passt.avx2");
    while (all().length !== wanted && Date.now() < deadline);
    return all();
  };
  return { folder, call, standIns, processes: processesOf, close: () => rmSync(folder, { recursive: true }) };
}

/** And no zombies. */
function processesOf(...which: string[]): string[] {
  const { stdout } = spawnSync("pgrep", ["-u", String(ID), ...which], { encoding: "utf8" });
  return stdout.split("\n").filter((pid) => pid !== "" && isThere(pid));
}

function isThere(pid: string): boolean {
  return spawnSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" }).stdout.trim().replace(/^Z.*/, "") !== "";
}
