// Whether the floor does what the launcher does: both are traced, and the calls they make for the plan are laid side by
// side. Numbers of descriptors and processes are left out, and so is what each needs to get at the plan and to report.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every call of every process, `PID call(…) = result`, in the order of their ends. Undefined without strace. */
export function traced(folder: string, argv: string[]): string[] | undefined {
  const file = join(folder, "trace");
  const { error, status, stderr } = spawnSync("strace", ["-f", "-s", "64", "-o", file, ...argv], { encoding: "utf8" });
  if (error || !existsSync(file)) return undefined;
  if (status !== 0) throw new Error(`${argv.join(" ")} failed under strace: ${stderr}`);
  return whole(readFileSync(file, "utf8").trim().split("\n"));
}

/** A call that another process interrupts is in two halves. */
function whole(lines: string[]): string[] {
  const begun = new Map<string, string>();
  return lines.flatMap((line) => {
    const [, pid = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    if (resumed) return [`${pid} ${begun.get(pid)}${resumed[1]}`];
    if (!rest.endsWith("<unfinished ...>")) return [`${pid} ${rest}`];
    begun.set(pid, rest.replace(/ *<unfinished \.\.\.>$/, ""));
    return [];
  });
}

/**
 * The calls made for the plan: from its first one, close_range, to clone3, and then those of the child. `isReport` says
 * which of them are only there to tell somebody.
 */
export function planCalls(trace: string[]): string[] {
  const first = trace.findIndex((line) => /^\d+ close_range\(3, /.test(line));
  const launcher = trace[first]!.split(" ")[0]!;
  const split = trace.findIndex((line) => line.startsWith(`${launcher} clone3(`));
  const child = /= (\d+)$/.exec(trace[split]!)![1]!;
  const isOf = (pid: string) => (line: string) => line.startsWith(`${pid} `);
  const ofLauncher = trace.slice(first).filter(isOf(launcher));
  const end = ofLauncher.findIndex((line) => line.includes(" clone3("));
  return [...ofLauncher.slice(0, end + 1), ...untilProgram(trace.filter(isOf(child)))]
    .map((line) => essence(line.slice(line.indexOf(" ") + 1)))
    .filter((call) => call !== "");
}

/** The child's calls to the execve that succeeds. */
function untilProgram(lines: string[]): string[] {
  const end = lines.findIndex((line) => /^\d+ execve\(.*= 0$/.test(line));
  return lines.slice(0, end + 1);
}

const REPORT = /^write\(3, /;

/** `openat(5, "/dev/null", O_RDONLY) = 6` → `openat(#,"/dev/null",O_RDONLY)`: the call without what may differ. */
function essence(call: string): string {
  if (REPORT.test(call)) return "";
  const [name = "", rest = ""] = call.split(/\((.*)/s);
  const args = rest.replace(/\) += .*$/, "").split(/("(?:[^"\\]|\\.)*")/);
  return `${name}(${args.map((part, index) => (index % 2 === 1 ? withoutFd(part) : withoutNumbers(part))).join("")})`;
}

/** Within a string a number is part of a name, unless it is a descriptor's. */
const withoutFd = (text: string): string => text.replace(/\/fd\/\d+/, "/fd/#");
const withoutNumbers = (text: string): string => text.replaceAll(/\b(0x[0-9a-f]+|\d+)\b/g, "#").replaceAll(/\s/g, "");

/** Nothing where the two are the same; else the first place where they aren't. */
export function firstDifference(one: string[], other: string[]): string | undefined {
  const place = one.findIndex((call, index) => call !== other[index]);
  if (place >= 0) return `call ${place}: ${one[place]} and ${other[place] ?? "nothing"}`;
  return one.length === other.length ? undefined : `call ${one.length}: nothing and ${other[one.length]}`;
}
