// `learn book`: the lessons as a folder of pages.

import { join, resolve } from "node:path";
import { packageFolder } from "../../../course/package-folder.ts";
import { writeBook } from "../../../course/playground/book/book.ts";
import { readCommand } from "../../flags/command.ts";
import { writeAll } from "../../output.ts";

export async function verb(argv: string[]): Promise<number> {
  const summary = "Write the lessons as a folder of pages that a browser opens from the disk";
  const words = readCommand({ name: "learn book", operands: ["<folder>"], summary }, argv);
  if (words === undefined) return 0;
  const out = resolve(words[0]!);
  writeBook(out, {
    siteFolder: join(packageFolder(), "dist/book"),
    recording: join(packageFolder(), "lessons/run.json"),
  });
  writeAll(1, `${join(out, "index.html")}\n`);
  return 0;
}
