// The half that `run` and `create` have in common: an image and a person's wishes become a container.

import { UserError } from "../01-syscalls/index.ts";
import { ensureImage, familiarName, findImage, fullName, type Image, parseReference } from "../06-images/index.ts";
import type { Container } from "../10-containers/container.ts";
import { createContainer } from "../10-containers/create.ts";
import type { Roots } from "../10-containers/folders.ts";
import { claimCidfile } from "./cidfile.ts";
import type { RunCommand } from "./flags/run-flags.ts";

/** Throws UserError, and has made nothing then. */
export async function makeContainer(roots: Roots, command: RunCommand): Promise<Container> {
  const cidfile = claimCidfile(command.cidfile);
  try {
    const image = await imageFor(roots, command);
    const container = await createContainer(roots, image, command);
    cidfile?.write(container.record.id);
    return container;
  } finally {
    cidfile?.close();
  }
}

/** `--pull`: what isn't here comes from its registry, unless it is "never"; with "always" also what is here. */
export async function imageFor(
  roots: Roots,
  { image, platform, pull, quiet }: Pick<RunCommand, "image" | "platform" | "pull" | "quiet">,
): Promise<Image> {
  const options = platform && { platform };
  const found = pull === "always" && isFromRegistry(image) ? undefined : await findImage(roots.root, image, options);
  if (found) return found;
  if (pull === "never") throw new UserError(`No such image: ${familiarName(fullName(parseReference(image)))}`);
  if (isFromRegistry(image))
    await (await import("./pull-missing.ts")).pullMissing(roots, image, { ...options, pull, quiet });
  return ensureImage(roots.root, image, options);
}

/** Ids, folders, and what was made here are nobody else's. */
function isFromRegistry(image: string): boolean {
  return !/^(oci:|sha256:|[0-9a-f]{64}$)/.test(image) && parseReference(image).domain !== "localhost";
}
