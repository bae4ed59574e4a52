// All of it at once: a container is run, from an image made here, in folders of its own where the real ones would be. What
// the other findings only make likely, this one knows.

import { UserError } from "../../01-syscalls/index.ts";
import { ensureImage } from "../../06-images/index.ts";
import { createContainer } from "../create.ts";
import type { Roots } from "../folders.ts";
import { inOwnFolders } from "../own-folders.ts";
import { removeContainer } from "../remove.ts";
import { runOptions } from "../spec/options.ts";
import { runInForeground } from "../streams/foreground.ts";
import { type Finding, lacking, ok } from "./finding.ts";

const NAME = "a container";

export async function trialFinding(roots: Roots): Promise<Finding> {
  const began = performance.now();
  try {
    await inOwnFolders(roots, "doctor-", run);
    return ok(NAME, `was made, ran and is gone, in ${Math.round(performance.now() - began)} ms`);
  } catch (error) {
    return lacking("broken", NAME, "could not be run", { why: sentence(error), ...hintOf(error) });
  }
}

async function run(roots: Roots): Promise<void> {
  const image = await ensureImage(roots.root, "base");
  const { record } = await createContainer(roots, image, runOptions("base", { command: ["true"] }));
  const nobody = { stdout: () => {}, stderr: () => {} };
  const how = { tty: false, interactive: false, proxySignals: false, handlers: nobody };
  const code = await runInForeground(roots, record.id, how);
  await removeContainer(roots, record.id, { force: true });
  if (code !== 0) throw new UserError(`"true" exited with ${code}`);
}

function sentence(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

function hintOf(error: unknown): { mend?: string } {
  return error instanceof UserError && error.hint !== undefined ? { mend: error.hint } : {};
}
