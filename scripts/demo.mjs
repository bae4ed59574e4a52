// `npm run demo`: from a fresh clone to a running container. Asks the same questions outside and inside: the kernel is one,
// its answers differ.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { ensureInstalled, run } from "./install.mjs";

/** One file on cgroup v2, another on v1, neither in a group without limits. Numbers of 19 digits mean "all". */
const limit = (v2, v1) => {
  const files = [v2, v1].map((name) => `/sys/fs/cgroup/${name}`).join(" ");
  return `cat ${files} 2>/dev/null | grep -v '[0-9]\\{19\\}' | grep . || echo all there is`;
};

const QUESTIONS = [
  ["which kernel is this?", "uname -r"],
  ["what is this machine called?", "hostname"],
  ["which process am I?", "echo $$"],
  ["how many processes are there?", "ls /proc | grep -c '^[0-9]'"],
  ["what is in /?", "ls / | xargs"],
  ["how many mounts?", "wc -l < /proc/self/mountinfo"],
  ["which network links?", "ls /proc/sys/net/ipv4/conf | grep -v -e all -e default | xargs"],
  ["how much memory may I use?", limit("memory.max", "memory/memory.limit_in_bytes")],
  ["how many processes may I start?", limit("pids.max", "pids/pids.max")],
  ["what may root do? (capabilities)", "grep CapEff /proc/self/status | cut -f2"],
];
const LIMITS = ["--memory", "64m", "--cpus", "0.5", "--pids-limit", "32"];

process.chdir(resolve(import.meta.dirname, ".."));
ensureInstalled();
run(process.execPath, ["scripts/build.mjs"]);

const script = QUESTIONS.map(([, command]) => command).join("; ");
const outside = ask("sh", ["-c", script]);
const [options, inside] = askContainer(LIMITS) ?? askContainer([]) ?? process.exit(1);

console.log(`\n$ mini-docker ${options.join(" ")} sh -c '…'\n`);
row("the same question", "out here", "in the container");
row("-----------------", "--------", "----------------");
for (const [index, [question]] of QUESTIONS.entries()) row(question, outside[index], inside[index]);
console.log("\nTo see every system call that made it, and why: node dist/mini-docker.js run --rm --explain base true");

/** Not every ordinary user may limit: then this says why, and the container runs without limits. */
function askContainer(limits) {
  const options = ["run", "--rm", "--hostname", "container", "--network", "none", ...limits, "base"];
  const answers = ask(process.execPath, ["dist/mini-docker.js", ...options, "sh", "-c", script]);
  return answers && [options, answers];
}

/** The lines that a command answers with; undefined, when it has said what went wrong. */
function ask(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return status === 0 ? stdout.trimEnd().split("\n") : undefined;
}

function row(question, out, inside) {
  const short = (text = "", width) => (text.length > width ? `${text.slice(0, width - 2)} …` : text).padEnd(width + 2);
  console.log(`  ${short(question, 34)}${short(out, 34)}${short(inside, 50).trimEnd()}`);
}
