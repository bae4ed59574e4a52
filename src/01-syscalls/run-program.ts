// Runs a small program to its end. node:child_process does this and much more, and takes longer to load than a container
// to start.

import { closeSync, readFileSync } from "node:fs";
import { step } from "./calls.ts";
import { exitCodeAtEnd } from "./ended.ts";
import { ERRNO } from "./errno.ts";
import { MFD } from "./flags.ts";
import { spawn } from "./libc.ts";
import { performOne } from "./perform.ts";

export interface RanProgram {
  exitCode: number;
  /** What it has written to its stderr. */
  said: string;
}

const STDERR = 2;
const NOT_FOUND = 127;

/** Starts `path` with an empty environment. The returned function waits for its end, and has to be called. */
export function beginProgram(path: string, words: readonly string[]): () => RanProgram {
  const said = performOne(step("memfd_create", ["said", MFD.CLOEXEC], { why: "what it has to say" }));
  const pid = spawn({ path, argv: [path, ...words], env: [], fds: [[said, STDERR]], nullStdio: true, detached: false });
  return () => {
    try {
      if (pid === -ERRNO.ENOENT) return { exitCode: NOT_FOUND, said: `${path}: not found` };
      if (pid < 0) return { exitCode: NOT_FOUND, said: `${path} can't be started (errno ${-pid})` };
      const exitCode = exitCodeAtEnd(pid);
      return { exitCode, said: readFileSync(`/proc/self/fd/${said}`, "utf8").trim() };
    } finally {
      closeSync(said);
    }
  };
}
