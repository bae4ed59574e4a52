// A shell in a lab, as root of it. When an attack has thrown the whole lab over, the next command gets a new one: a reader
// would reset it, too.

import type { Roots } from "../../10-containers/folders.ts";
import { type LabWish, openLab } from "../lab.ts";
import type { StartShell } from "./shell.ts";

export function labShell(roots: Roots, wish: LabWish): StartShell {
  return async (onOutput) => {
    const lab = await openLab(roots, wish);
    const env = { LANG: "C", LC_ALL: "C", NO_COLOR: "1" };
    const shell = await lab.exec(["sh"], { input: true, env, stdout: onOutput, stderr: onOutput });
    return {
      write: (text) => shell.write(text),
      end: () => shell.end(),
      kill: () => shell.signal("SIGKILL"),
      ended: shell.ended,
    };
  };
}
