// `--filter key=value`: the pair that it is; which keys there are is for the engine to say.

import { UserError } from "../../01-syscalls/index.ts";
import { splitPair } from "./key-values.ts";

/** Keys in any case and with spaces around, as Docker reads them. */
export function filterPair(text: string): [key: string, value: string] {
  const [key, value] = splitPair(text);
  if (!text.includes("=")) throw new UserError("bad format of filter (expected name=value)");
  return [key.trim().toLowerCase(), value.trim()];
}
