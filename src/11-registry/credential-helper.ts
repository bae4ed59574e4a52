// A program that keeps passwords: `docker-credential-NAME get`, `store` or `erase`. It is told on its standard input which
// registry it is about, and answers in JSON; what it has to complain about it prints on its standard output too.
// See github.com/docker/docker-credential-helpers.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { UserError } from "../01-syscalls/index.ts";

export interface Secret {
  ServerURL: string;
  Username: string;
  Secret: string;
}

const UNKNOWN = "credentials not found in native keychain";

/** What the helper knows of a registry, if anything. Throws UserError if it fails. */
export async function askHelper(helper: string, account: string): Promise<Secret | undefined> {
  const { code, output } = await call(helper, "get", account);
  if (code !== 0 && output.startsWith(UNKNOWN)) return undefined;
  if (code !== 0) throw failed(helper, "get", output);
  const secret = parse(output);
  if (typeof secret?.Username !== "string" || typeof secret.Secret !== "string") throw failed(helper, "get", output);
  return secret;
}

export async function tellHelper(helper: string, secret: Secret): Promise<void> {
  const { code, output } = await call(helper, "store", JSON.stringify(secret));
  if (code !== 0) throw failed(helper, "store", output);
}

/** What it doesn't know is forgotten already. */
export async function eraseFromHelper(helper: string, account: string): Promise<void> {
  const { code, output } = await call(helper, "erase", account);
  if (code !== 0 && !output.startsWith(UNKNOWN)) throw failed(helper, "erase", output);
}

async function call(helper: string, action: string, input: string): Promise<{ code: number; output: string }> {
  const program = spawn(`docker-credential-${helper}`, [action], { stdio: ["pipe", "pipe", "inherit"] });
  // One that ends without reading all is heard of by its exit code.
  program.stdin.on("error", () => {}).end(input);
  try {
    const [output, [code]] = await Promise.all([text(program.stdout), once(program, "close")]);
    return { code: code as number, output: output.trim() };
  } catch (error) {
    // Of a folder in $PATH that we may not look into, the search says EACCES.
    if (!["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    throw new UserError(
      `error getting credentials - err: exec: "docker-credential-${helper}": executable file not found in $PATH`,
      { hint: "credsStore and credHelpers in ~/.docker/config.json name it" },
    );
  }
}

function parse(output: string): Secret | undefined {
  try {
    return JSON.parse(output) as Secret;
  } catch {
    return undefined;
  }
}

function failed(helper: string, action: string, output: string): UserError {
  return new UserError(`docker-credential-${helper} ${action} failed: ${output || "it said nothing"}`);
}
