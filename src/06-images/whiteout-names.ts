// How an archive says that something is gone: by names. `.wh.NAME` hides NAME of the layers below, `.wh..wh..opq` in a
// directory hides all that they have in it. What else begins with `.wh..wh.` is bookkeeping of AUFS, which these names
// come from, and means nothing. See the OCI image specification, layer.md, "Whiteouts".

import { UserError } from "../01-syscalls/index.ts";
import type { BytePath } from "../05-overlay/index.ts";

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
const BOOKKEEPING = ".wh..wh.";

/** `hides` is the name that a whiteout is about. */
export type Meaning = { is: "file" | "opaque" | "bookkeeping" } | { is: "whiteout"; hides: BytePath };

/** What the last of a path's names says. Throws UserError for what can't be said like that. */
export function meaningOf(names: BytePath[]): Meaning {
  const name = names.at(-1) ?? "";
  const parents = names.slice(0, -1);
  if (parents.some((parent) => parent.startsWith(BOOKKEEPING))) return { is: "bookkeeping" };
  if (parents.some((parent) => parent.startsWith(WHITEOUT))) throw new UserError("it is below a whiteout");
  if (name === OPAQUE) return { is: "opaque" };
  if (name.startsWith(BOOKKEEPING)) return { is: "bookkeeping" };
  return name.startsWith(WHITEOUT) ? whiteoutOf(name.slice(WHITEOUT.length)) : { is: "file" };
}

function whiteoutOf(name: BytePath): Meaning {
  if (name === "" || name === "." || name === "..") throw new UserError("it is no whiteout of anything");
  return { is: "whiteout", hides: name };
}
