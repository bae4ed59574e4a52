// The program as people call it: the built one, in a process of its own, with folders of its own. What a file of tests
// leaves in them is taken away after its last test.

import { type ChildProcessWithoutNullStreams, type SpawnSyncOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** The built program. */
export const PROGRAM = join(import.meta.dirname, "../../dist/mini-docker.js");

export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Cli {
  root: string;
  state: string;
  /** The flags that name the two. */
  roots: string[];
  /** Calls it, and waits. */
  call(...argv: string[]): Said;
  /** The same with something to read, or in another folder. */
  callWith(options: Pick<SpawnSyncOptions, "cwd" | "env" | "input">, ...argv: string[]): Said;
  /** What it prints, without the last line break. Throws if it fails. */
  ok(...argv: string[]): string;
  /** Calls it, and goes on. */
  begin(...argv: string[]): ChildProcessWithoutNullStreams;
}

/** For the whole file. */
export function cliForTests(): Cli {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  const [root, state] = [join(folder, "root"), join(folder, "state")];
  const roots = ["--root", root, "--state", state];
  const words = ["--", PROGRAM, ...roots];

  const callWith: Cli["callWith"] = (options, ...argv) => {
    const { status, signal, stdout, stderr } = spawnSync("node", [...words, ...argv], { encoding: "utf8", ...options });
    if (signal) throw new Error(`mini-docker ${argv.join(" ")} was ended by ${signal}`);
    return { code: status!, stdout: String(stdout), stderr: String(stderr) };
  };
  const call: Cli["call"] = (...argv) => callWith({}, ...argv);
  const ok: Cli["ok"] = (...argv) => {
    const { code, stdout, stderr } = call(...argv);
    if (code !== 0) throw new Error(`mini-docker ${argv.join(" ")} exited with ${code}: ${stderr}`);
    return stdout.replace(/\n$/, "");
  };
  afterAll(() => {
    const left = ok("ps", "-aq").split("\n").filter(Boolean);
    if (left.length > 0) call("rm", "-f", ...left);
    rmSync(folder, { recursive: true, force: true });
  });
  return { root, state, roots, call, callWith, ok, begin: (...argv) => spawn("node", [...words, ...argv]) };
}

/** Waits for the end of something begun. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Said> {
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const [code] = (await once(child, "close")) as [number];
  return { code, ...said };
}

/** Waits until it has printed what `pattern` matches; what it printed so far. */
export function printed(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (pattern.test(text)) resolve(text);
    });
    child.once("close", () => reject(new Error(`it ended without printing ${pattern}: ${text}`)));
  });
}
