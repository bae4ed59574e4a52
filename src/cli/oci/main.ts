// `mini-docker-oci`: the OCI runtime that other engines drive, with the command line they know from runc. What fails is also
// written where they look for it.

import { ENGINE_FAILED, sentences } from "../errors.ts";
import { writeAll } from "../output.ts";
import { packageVersion } from "../package-version.ts";
import { type Globals, readGlobals } from "./globals.ts";
import { writeLog } from "./log.ts";
import { OCI_VERBS } from "./verbs.ts";

/** Does what the words say, and returns the exit code. */
export async function main(argv: string[]): Promise<number> {
  const { globals, rest, help, version, error } = readGlobals(argv);
  try {
    if (error) throw error;
    if (version) return printVersion();
    const [name = "", ...args] = rest;
    if (help || !isVerb(name)) return await printHelp(name, help);
    const { verb } = await OCI_VERBS[name]!.load();
    return await verb(args, globals);
  } catch (error) {
    return reported(error, globals);
  }
}

export function isVerb(name: string): boolean {
  return Object.hasOwn(OCI_VERBS, name);
}

function printVersion(): number {
  writeAll(1, `mini-docker-oci version ${packageVersion()}\nspec: 1.2.0\n`);
  return 0;
}

async function printHelp(name: string, isAsked: boolean): Promise<number> {
  const { ociHelp } = await import("./help.ts");
  const unknown = name === "" || isAsked ? "" : `mini-docker-oci: unknown command: ${name}\n\n`;
  writeAll(isAsked ? 1 : 2, unknown + ociHelp());
  return isAsked ? 0 : 1;
}

const PAINT = { program: () => "mini-docker-oci:", call: (text: string) => text, hint: (text: string) => text };

/** Said to whoever called, and to whoever reads the log. */
function reported(error: unknown, globals: Globals): number {
  const { text, exitCode } = sentences(error, PAINT, 1);
  writeAll(2, `${text}\n`);
  writeLog(globals, "error", text.replace(/^mini-docker-oci: /, ""));
  return exitCode === ENGINE_FAILED ? 1 : exitCode;
}
