// `learn kit`: one folder that a class can install from without a network.

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { ensureImage } from "../../../06-images/index.ts";
import type { Roots } from "../../../10-containers/folders.ts";
import { saveImagesTo } from "../../../10-containers/images.ts";
import { makeKit } from "../../../course/kit/kit.ts";
import { packageFolder } from "../../../course/package-folder.ts";
import { writeBook } from "../../../course/playground/book/book.ts";
import { toArchive } from "../../archive-output.ts";
import { readCommand } from "../../flags/command.ts";
import { writeAll } from "../../output.ts";
import { humanSize } from "../../show/units.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const summary = "Make one folder that a class installs from, without a network";
  const words = readCommand({ name: "learn kit", operands: ["[folder]"], summary }, argv);
  if (words === undefined) return 0;
  const folder = resolve(words[0] ?? "mini-docker-kit");
  await ensureImage(roots.root, "base");
  const writeBase = (path: string) => toArchive(path, (write) => saveImagesTo(roots, ["base"], write, {}));
  const files = await makeKit(folder, { writeBase, writeBook: bookWriter() });
  for (const name of files.filter((path) => !path.includes("/")))
    writeAll(1, `${humanSize(statSync(join(folder, name)).size).padStart(8)}  ${join(folder, name)}\n`);
  return 0;
}

/** Undefined where the page's own files weren't built. */
function bookWriter(): ((folder: string) => void) | undefined {
  const siteFolder = join(packageFolder(), "dist/book");
  const recording = join(packageFolder(), "lessons/run.json");
  if (!existsSync(siteFolder)) return undefined;
  return (folder) => void writeBook(folder, { siteFolder, recording });
}
