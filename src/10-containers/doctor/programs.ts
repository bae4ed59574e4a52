// Programs: our own three, koffi, through which Node makes system calls, and what the host may have or lack.

import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { performOne, programPath, step, UserError } from "../../01-syscalls/index.ts";
import { type Finding, lacking, ok } from "./finding.ts";

export function programFindings(): Finding[] {
  return [callsFromNodeFinding(), nativeFinding(), compilerFinding(), busyboxFinding(), psFinding()];
}

function callsFromNodeFinding(): Finding {
  const found = `Node ${process.version} with koffi`;
  try {
    performOne(step("getpid", [], { why: "do calls get through?" }));
    return ok("system calls from Node", found);
  } catch (error) {
    const mend = "npm install koffi, on this machine";
    return lacking("broken", "system calls from Node", found, { why: (error as Error).message, mend });
  }
}

function nativeFinding(): Finding {
  const names = ["launcher", "monitor", "init"] as const;
  try {
    const places = names.map(programPath);
    return ok("native programs", join(places[0]!, ".."));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const mend = error.hint ?? "npm run build";
    return lacking("broken", "native programs", "missing", { why: error.message, mend });
  }
}

function compilerFinding(): Finding {
  const found = ["cc", "gcc", "clang"].flatMap((name) => inPath(name) ?? [])[0];
  if (found) return ok("compiler", found);
  const why = "only building from source needs one";
  return lacking("limited", "compiler", "none", { why, mend: "apt install gcc, or your system's like" });
}

/** As `base` is made: see stage 06, base.ts. */
function busyboxFinding(): Finding {
  const path = inPath("busybox") ?? ["/bin/busybox", "/usr/bin/busybox"].find((place) => existsSync(place));
  if (path && !readFileSync(path).includes("/lib64/ld-linux")) return ok('image "base"', `made of ${path}`);
  const why = "without a static busybox it is made of this host's own tools and their libraries";
  return lacking("limited", 'image "base"', "larger than need be", { why, mend: "apt install busybox-static" });
}

function psFinding(): Finding {
  const path = inPath("ps");
  if (path) return ok("ps", path);
  return lacking("limited", "ps", "none", { why: "`top` asks it", mend: "apt install procps" });
}

function inPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(":").filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
