import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { cliForTests, ended, printed } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const program = ["node", "--", "dist/mini-docker.js", "--root", md.root, "--state", md.state];

/** In a terminal of script(1), which exits as the command does. */
function inTerminal(...words: string[]) {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return spawn("script", ["-qec", quoted, "/dev/null"]);
}

/** What it shows while nobody types. */
async function shown(...words: string[]): Promise<string> {
  return (await ended(inTerminal(...words))).stdout;
}

test("a terminal shows what the container's own has printed, byte for byte", needs("program:script"), async () => {
  const script = "echo a; stty raw; printf 'b\\nc'";
  expect(await shown(...program, "run", "--rm", "-it", "base", "sh", "-c", script)).toBe("a\r\nb\nc");
});

test("and is as it was afterwards", needs("program:script"), async () => {
  const script = 'stty -a > "$0.1"; "$@" > "$0.2"; stty -a > "$0.3"; cmp "$0.1" "$0.3" && echo same';
  const changes = [...program, "run", "--rm", "-it", "base", "stty", "raw", "-echo"];
  expect(await shown("sh", "-c", script, `${md.root}-stty`, ...changes)).toContain("same");
});

test(
  "Ctrl-P Ctrl-Q lets go of a container, attach takes it up again where it was",
  needs("program:script"),
  async () => {
    const script = 'here=kept; echo ready; while read -r line; do eval "$line"; done';
    const first = inTerminal(...program, "run", "-it", "--name", "stays", "base", "sh", "-c", script);
    const left = ended(first);
    await printed(first, /ready/);
    first.stdin.write("\x10\x11");
    expect((await left).code).toBe(0);
    expect(md.ok("inspect", "-f", "{{.State.Status}}", "stays")).toBe("running");
    const second = inTerminal(...program, "attach", "stays");
    const end = ended(second);
    second.stdin.write("echo it is $here\r");
    await printed(second, /it is kept/);
    second.stdin.write("exit 7\r");
    expect((await end).code).toBe(7);
  },
);
