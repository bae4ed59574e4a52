// The code that a fence names, as it is now.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../package-folder.ts";
import type { Source } from "./fence.ts";
import { cutSymbol } from "./symbol.ts";

/** Throws Error for a file or a symbol that isn't there. */
export function sourceText({ path, symbol }: Source, folder: string = packageFolder()): string {
  const file = join(folder, path);
  if (!existsSync(file)) throw new Error(`there is no ${path}`);
  const text = readFileSync(file, "utf8").trimEnd();
  const found = symbol === undefined ? text : cutSymbol(text, symbol);
  if (found === undefined) throw new Error(`${path} has no ${symbol}`);
  return found;
}
