import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

/** In a terminal of script(1); what it shows. */
function inTerminal(...argv: string[]): string {
  const words = ["node", "--", "dist/mini-docker.js", "--root", md.root, "--state", md.state, ...argv];
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return spawnSync("script", ["-qec", quoted, "/dev/null"], { encoding: "utf8" }).stdout;
}

test("a terminal shows what the container's own has printed, byte for byte", needs("program:script"), () => {
  expect(inTerminal("run", "--rm", "-it", "base", "sh", "-c", "echo a; stty raw; printf 'b\\nc'")).toContain("a\r\nb\nc");
});

test("and is as it was afterwards", needs("program:script"), () => {
  const script = `stty -a > "$0.before"; "$@" >/dev/null; stty -a > "$0.after"; cmp "$0.before" "$0.after" && echo same`;
  const words = ["node", "--", "dist/mini-docker.js", "--root", md.root, "--state", md.state];
  const line = [...words, "run", "--rm", "-it", "base", "stty", "raw", "-echo"].join(" ");
  const place = `${md.root}-stty`;
  const said = spawnSync("script", ["-qec", `sh -c '${script}' ${place} ${line}`, "/dev/null"], { encoding: "utf8" });
  expect(said.stdout).toContain("same");
});
