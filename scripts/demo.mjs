// `npm run demo`: from a fresh clone to a running container. Asks the same questions outside and inside: the kernel is one,
// its answers differ.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { ensureInstalled, run } from "./install.mjs";

const QUESTIONS = [
  ["which kernel is this?", "uname -r"],
  ["what is this machine called?", "hostname"],
  ["which process am I?", "echo $$"],
  ["how many processes are there?", "ls /proc | grep -c '^[0-9]'"],
  ["what is in /?", "ls / | tr '\\n' ' '"],
  ["how many mounts?", "wc -l < /proc/self/mountinfo"],
  ["which network links?", "ls /proc/sys/net/ipv4/conf | grep -v -e all -e default | tr '\\n' ' '"],
  ["what may root do? (capabilities)", "grep CapEff /proc/self/status | cut -f2"],
];
const LIMITS = ["--memory", "64m", "--cpus", "0.5", "--pids-limit", "32"];

ensureInstalled();
run(process.execPath, ["scripts/build.mjs"]);

const script = QUESTIONS.map(([, command]) => command).join("; ");
const container = ["run", "--rm", "--hostname", "container", "--network", "none", ...LIMITS, "base", "sh", "-c"];
const outside = answers("sh", ["-c", script]);
const inside = answers(process.execPath, [resolve("dist/mini-docker.js"), ...container, script]);

console.log(`\n$ mini-docker ${container.slice(0, -1).join(" ")} -c '…'\n`);
row("the same question", "out here", "in the container");
row("-----------------", "--------", "----------------");
for (const [index, [question]] of QUESTIONS.entries()) row(question, outside[index], inside[index]);
console.log("\nTo see every system call that made it, and why: node dist/mini-docker.js run --rm --explain base true");

/** The lines that a command answers with; ends the demo, having shown why, if it fails. */
function answers(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (status !== 0) process.exit(status ?? 1);
  return stdout.trimEnd().split("\n");
}

function row(question, out, inside) {
  const short = (text = "", width) => (text.length > width ? `${text.slice(0, width - 2)} …` : text).padEnd(width + 2);
  console.log(`  ${short(question, 34)}${short(out, 34)}${short(inside, 50).trimEnd()}`);
}
