// Makes the student's folder: an exercise for each lesson, what an editor needs to understand it, and the program by a short
// name. What is there already stays as it is: only what is missing is added.

import { existsSync, lstatSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { lessonFiles } from "./lesson/folder.ts";
import { giveToOwner, writeAsOwner } from "./owner.ts";
import { packageFolder } from "./package-folder.ts";
import { PROGRESS_FILE } from "./progress.ts";
import { quoted } from "./quoted.ts";
import { exerciseFile, WORKSHOP_VARIABLE } from "./workshop.ts";

export interface MadeWorkshop {
  folder: string;
  /** Names of the files that weren't there. */
  made: string[];
}

/** Throws UserError for a folder that is something else. */
export function makeWorkshop(given: string): MadeWorkshop {
  const folder = resolve(given);
  if (existsSync(join(folder, "src/01-syscalls")))
    throw new UserError(`${folder} is the engine's own source`, { hint: "give the workshop a folder of its own" });
  makeFolder(folder);
  const files: [name: string, text: string][] = [
    ...lessonFiles("exercise.ts").map(({ name, path }): [string, string] => [
      exerciseFile("", name),
      readFileSync(path, "utf8"),
    ]),
    ["tsconfig.json", editorSettings()],
    ["package.json", `${JSON.stringify({ private: true, type: "module" }, null, 2)}\n`],
    [PROGRESS_FILE, `${JSON.stringify({ lessons: {} }, null, 2)}\n`],
    ["mini-docker", programScript()],
  ];
  const made = files.filter(([name, text]) => added(join(folder, name), text)).map(([name]) => name);
  return { folder, made };
}

function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
  giveToOwner(folder);
}

/** These two say where the package is, and it may have been moved. They are nobody's work. */
const OURS = ["tsconfig.json", "mini-docker"];

/** False for what was there. */
function added(path: string, text: string): boolean {
  // A link that leads nowhere is something, too.
  const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  const isOurs = OURS.some((name) => path.endsWith(`/${name}`)) && isThere && isWrittenByUs(path);
  if (isThere && !isOurs) return false;
  writeAsOwner(path, text, path.endsWith("/mini-docker") ? 0o755 : 0o644);
  return !isThere;
}

const MARK = "written by mini-docker learn start";

function isWrittenByUs(path: string): boolean {
  return existsSync(path) && readFileSync(path, "utf8").includes(MARK);
}

/** So that an editor knows what `mini-docker/01-syscalls` is. */
function editorSettings(): string {
  const types = join(packageFolder(), "dist/types");
  const nodeTypes = join(packageFolder(), "node_modules/@types");
  const hasNodeTypes = existsSync(join(nodeTypes, "node"));
  const settings = {
    compilerOptions: {
      target: "es2023",
      module: "esnext",
      moduleResolution: "bundler",
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      ...(hasNodeTypes ? { typeRoots: [nodeTypes], types: ["node"] } : { types: [] }),
      paths: {
        "mini-docker/course": [`${types}/course/grade/index.d.ts`],
        "mini-docker/*": [`${types}/*/index.d.ts`],
      },
    },
    include: ["*.ts"],
  };
  return `// For your editor; ${MARK}.\n${JSON.stringify(settings, null, 2)}\n`;
}

/** Under a version manager `sudo` finds no Node, and no program of npm's: so both are called by their whole names. */
function programScript(): string {
  const words = [process.execPath, "--", join(packageFolder(), "dist/mini-docker.js")];
  return `#!/bin/sh
# The engine, by a short name; ${MARK}.
${WORKSHOP_VARIABLE}=$(dirname "$(readlink -f "$0")") exec ${words.map(quoted).join(" ")} "$@"
`;
}
