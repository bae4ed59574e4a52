// What the house rules look at: the files of the repository, as git sees them, and what each of them imports.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Tracked files and new ones, not what is ignored. Paths are relative to the repository. */
export const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)));

export const sources = files.filter((path) => path.startsWith("src/") && path.endsWith(".ts"));

/** The folders of src whose names start with a number: the stages. */
export const stages = [...new Set(sources.map((path) => path.split("/")[1] ?? ""))].filter((name) =>
  /^\d\d-/.test(name),
);

export function contentOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Every line of the given files that matches, as `path:line: text`. */
export function linesMatching(paths: string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    contentOf(path)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

export type Import = { path: string; target: string };

/** What a file imports: relative targets as paths in the repository, packages by their name. Type imports count too. */
export function importsOf(path: string): Import[] {
  // `import … from "x"` and `export … from "x"` at the start of a line, `import "x"`, `import("x")`, `require("x")`.
  const pattern = /(?:^(?:import|export)\s(?:[^"';]*\sfrom\s)?|\b(?:import|require)\()\s*"([^"]+)"/gm;
  const targets = [...contentOf(path).matchAll(pattern)].map(([, target = ""]) => target);
  return targets.map((target) => ({
    path,
    target: target.startsWith(".") ? normalize(join(dirname(path), target)) : packageOf(target),
  }));
}

/** `@scope/name/file` → `@scope/name`, `name/file` → `name`; Node's own keep their `node:`. */
function packageOf(target: string): string {
  const parts = target.split("/");
  return target.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

/** The stage a path belongs to, as a number; undefined outside of the stages. */
export function stageOf(path: string): number | undefined {
  const match = /^src\/(\d\d)-/.exec(path);
  return match ? Number(match[1]) : undefined;
}
