// `npm run bench`: how long things take here, next to whatever other engines are installed, in the same run. Only ratios
// mean anything: machines differ, and this one is busy with something else now and then. Nothing here passes or fails.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const isQuick = process.argv.includes("--quick");
const RUNS = isQuick ? 5 : 25;
const SLEEPS = isQuick ? 10 : 200;

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(tmpdir(), `mini-docker-bench-${process.pid}`);
mkdirSync(folder);
const roots = ["--root", join(folder, "root"), "--state", join(folder, "state")];
const cli = [join(root, "dist/mini-docker.js"), ...roots];
const has = (program) => spawnSync("which", [program]).status === 0;

// crun 1.8 refuses machines that have both versions of cgroups, unless it can't see one of them.
const CRUN = `umount /sys/fs/cgroup/unified 2>/dev/null; exec crun run -b "$1" bench-crun`;

execFileSync(process.execPath, [join(root, "scripts/build.mjs")], { stdio: "inherit" });
try {
  main();
} finally {
  ours("rm", "-f", ...ours("ps", "-aq").split("\n").filter(Boolean));
  // Podman mounts its store on itself and leaves it so.
  if (has("podman")) spawnSync("umount", [join(folder, "podman/overlay")]);
  rmSync(folder, { recursive: true, force: true });
}

function main() {
  ours("run", "-d", "--name", "running", "base", "sleep", "3600");
  const bundle = join(folder, "bundle");
  ours("create", "--name", "bundled", "base", "true");
  ours("bundle", "bundled", "--copy", bundle);

  const node = ["node -e 0", [process.execPath, "-e", "0"]];
  const rows = measure([
    node,
    ["mini-docker --version", [process.execPath, ...cli, "--version"]],
    ["mini-docker run --rm … true", [process.execPath, ...cli, "run", "--rm", "base", "true"]],
    ["mini-docker exec … true", [process.execPath, ...cli, "exec", "running", "true"]],
    ...(has("runc") ? [["runc run (no image, no log)", ["runc", "run", "-b", bundle, "bench-runc"]]] : []),
    ...(has("crun") ? [["crun run (no image, no log)", ["unshare", "-m", "sh", "-c", CRUN, "crun", bundle]]] : []),
    ...podman(),
  ]);

  const base = rows[0].milliseconds;
  console.log(
    `\n${cpus().length} processors, Linux ${release()}, Node ${process.version}, load ${loadavg()[0].toFixed(1)};`,
  );
  console.log(`medians of ${RUNS} runs, taken in turns\n`);
  console.log("| whole command | ms | × `node -e 0` |\n|---|---|---|");
  for (const { name, milliseconds } of rows) {
    console.log(`| ${name} | ${milliseconds.toFixed(1)} | ${(milliseconds / base).toFixed(2)} |`);
  }
  sleeps();
}

/** Every command once, then every command once more, …: what slows the machine slows all of them. */
function measure(commands) {
  const times = new Map(commands.map(([name]) => [name, []]));
  for (let run = 0; run < RUNS; run++) {
    for (const [name, [program, ...args]] of commands) {
      const began = process.hrtime.bigint();
      const { status, stderr } = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
      if (status !== 0) throw new Error(`${name}: ${stderr}`);
      times.get(name).push(Number(process.hrtime.bigint() - began) / 1e6);
    }
  }
  return [...times].map(([name, all]) => ({ name, milliseconds: all.sort((a, b) => a - b)[RUNS >> 1] }));
}

/** Podman with an image and a log, as we have; with our own base image, read from our store. */
function podman() {
  if (!has("podman")) return [];
  const own = [
    "--root",
    join(folder, "podman"),
    "--runroot",
    join(folder, "podman-run"),
    "--cgroup-manager",
    "cgroupfs",
  ];
  const source = `oci:${join(folder, "root/images")}:localhost/base:latest`;
  const pulled = spawnSync("podman", [...own, "pull", "-q", source], { encoding: "utf8" });
  const command = ["podman", ...own, "run", "--rm", "--network", "none", pulled.stdout.trim(), "true"];
  const tried = spawnSync(command[0], command.slice(1), { encoding: "utf8" });
  if (tried.status === 0) return [["podman run --rm --network none … true", command]];
  console.log(`podman is not measured: ${(pulled.stderr || tried.stderr).trim().split("\n").at(-1)}`);
  return [];
}

/** Many at once that do nothing: how fast they come up, and what each one's monitor keeps of memory. */
function sleeps() {
  const began = process.hrtime.bigint();
  for (let count = 0; count < SLEEPS; count++) ours("run", "-d", "base", "sleep", "3600");
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const pss = monitors()
    .map(pssOf)
    .sort((a, b) => a - b);
  console.log(`\n${SLEEPS} detached sleeps, one command each: ${(SLEEPS / seconds).toFixed(1)} a second`);
  console.log(`a monitor's share of memory (PSS): median ${pss[pss.length >> 1]} kB, most ${pss.at(-1)} kB`);
}

function monitors() {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return command.startsWith("mini-docker-monitor\0") && command.includes(folder);
    } catch {
      return false;
    }
  });
}

function pssOf(pid) {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
}

function ours(...args) {
  return execFileSync(process.execPath, [...cli, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
