// `run` and `create` fetch an image that isn't here. Their own output is the container's, so all of this is said on
// standard error.

import { familiarName, fullName, parseReference } from "../06-images/index.ts";
import type { Roots } from "../10-containers/folders.ts";
import type { RunCommand } from "./flags/run-flags.ts";
import { interruptible } from "./interrupt.ts";
import { pullShown, statusLine } from "./show/pull-shown.ts";

/** Throws UserError. A signal ends it all. */
export async function pullMissing(
  roots: Roots,
  image: string,
  { platform, pull, quiet }: Pick<RunCommand, "platform" | "pull" | "quiet">,
): Promise<void> {
  const reference = parseReference(image);
  const name = familiarName(fullName(reference));
  if (!quiet && pull === "missing") process.stderr.write(`Unable to find image '${name}' locally\n`);
  const code = await interruptible(async (signal) => {
    const { isNew } = await pullShown(roots, reference, {
      quiet,
      signal,
      output: process.stderr,
      ...(platform && { platform }),
    });
    if (!quiet) process.stderr.write(`${statusLine(reference, isNew)}\n`);
    return 0;
  });
  if (code !== 0) process.exit(code);
}
