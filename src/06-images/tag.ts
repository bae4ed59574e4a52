// A further name for an image. It costs one line in the list of names; nothing is copied.

import { UserError } from "../01-syscalls/index.ts";
import { ensureEntry, findEntry, noSuchImage } from "./find.ts";
import { changeIndex, nameEntry } from "./layout.ts";
import { fullName, parseReference } from "./reference.ts";

/** Gives the image `source` the name `target`, which another may have had. Returns the full name. Throws UserError. */
export async function tagImage(root: string, source: string, target: string): Promise<string> {
  const name = fullName(tagReference(target));
  await ensureEntry(root, source);
  changeIndex(root, (entries) => {
    // Looked up once more, now that nobody can take it away.
    const entry = findEntry(root, source);
    if (!entry) throw noSuchImage(source);
    return nameEntry(entries, entry, name);
  });
  return name;
}

function tagReference(text: string) {
  const reference = naming(text);
  if (reference.digest === undefined) return reference;
  throw new UserError("refusing to create a tag with a digest reference");
}

function naming(text: string) {
  try {
    return parseReference(text);
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new UserError(`Error parsing reference: ${JSON.stringify(text)} is not a valid repository/tag`, { cause });
  }
}
