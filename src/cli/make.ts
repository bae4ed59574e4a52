// The half that `run` and `create` have in common: an image and a person's wishes become a container.

import { UserError } from "../01-syscalls/index.ts";
import { ensureImage, familiarName, findImage, fullName, type Image, parseReference } from "../06-images/index.ts";
import type { Container } from "../10-containers/container.ts";
import { createContainer } from "../10-containers/create.ts";
import type { Roots } from "../10-containers/folders.ts";
import { claimCidfile } from "./cidfile.ts";
import type { RunCommand } from "./run-flags.ts";

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

/** `--pull`: there is no registry to fetch from, so "always" can't be done and "missing" finds what is here. */
async function imageFor({ root }: Roots, { image, pull }: RunCommand): Promise<Image> {
  if (pull === "always") {
    throw new UserError(
      `cannot pull "${image}": images come from \`load\` and from this host, not from a registry yet`,
    );
  }
  if (pull === "missing") return ensureImage(root, image);
  const found = await findImage(root, image);
  if (found) return found;
  throw new UserError(`No such image: ${familiarName(fullName(parseReference(image)))}`);
}
