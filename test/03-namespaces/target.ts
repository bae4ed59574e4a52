// A process in namespaces of its own, to be looked at and joined.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

export interface Target {
  pid: number;
  end(): Promise<void>;
}

/** `kinds` are options of unshare(1), such as "--uts". The process lives until `end`. */
export async function startTarget(kinds: string[], script = "true"): Promise<Target> {
  const words = [...kinds, "--fork", "sh", "-c", `${script}; echo up; exec cat`];
  const outer = spawn("unshare", words, { stdio: ["pipe", "pipe", "inherit"] });
  await once(outer.stdout, "data");
  const pid = Number(readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, "utf8"));
  const end = async () => {
    outer.stdin.end();
    await once(outer, "exit");
  };
  return { pid, end };
}
