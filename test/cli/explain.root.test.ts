import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../support/needs.ts";

const CLI = join(import.meta.dirname, "../../dist/mini-docker.js");
const folder = mkdtempSync(join(tmpdir(), "e-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = ["--root", join(folder, "root"), "--state", join(folder, "state"), "run"];
const env = { ...process.env, NO_COLOR: "1", COLUMNS: "200" };

function run(...args: string[]) {
  return spawnSync(process.execPath, [CLI, ...command, ...args], { env, encoding: "utf8" });
}

const containers = () => readdirSync(join(folder, "root/containers")).filter((name) => !name.startsWith("."));

beforeAll(() => {
  expect(run("--rm", "base", "true").status).toBe(0);
});

// ---- what --explain prints, read back

interface Printed {
  place: string;
  /** Call and result without a space. */
  text: string;
}

const CALL_COLUMNS = [6, 136] as const;

/** At 200 columns calls are on the left, at fixed columns; a line without a number goes on with the one above. */
function printedSteps(explanation: string): Printed[] {
  const steps: Printed[] = [];
  let place = "";
  for (const line of explanation.split("\n")) {
    place = /^━━━ (\S+)/.exec(line)?.[1] ?? place;
    const text = line.slice(...CALL_COLUMNS).replaceAll(/\s/g, "");
    if (/^━━━━/.test(line)) return steps;
    if (/^ *\d+ {2}\w/.test(line)) steps.push({ place, text });
    else if (/^ {8}/.test(line)) steps.at(-1)!.text += text;
  }
  return steps;
}

/** What two spellings of one call have in common, if they are of the same call: its name, strings, flags and result. */
function essence(text: string) {
  const bare = text.replaceAll(/\/\*.*?\*\//g, "").replaceAll(/[0-9a-f]{64}/g, (id) => `${id.slice(0, 12)}…`);
  const [, name = "", args = "", result = ""] =
    /^(\w+)\((.*)\)=(-?\w+)/.exec(bare.replaceAll(/\s|<[\w:-]+>/g, "")) ?? [];
  const words = args.replaceAll(/"[^"]*"/g, "").match(/\b[A-Z][A-Z0-9_]{2,}\b/g) ?? [];
  return {
    name,
    // What was read is known to strace alone.
    strings: name === "read" ? [] : (args.match(/"[^"]*"/g) ?? []),
    // Zero has a name for strace, capset's masks are spelled bit by bit, and into a route strace doesn't look.
    flags: name === "capset" ? [] : words.filter((word) => !/^(O_RDONLY|IPPROTO_IP|NULL|RTF_.*)$/.test(word)).sort(),
    result,
  };
}

describe("strace", needs("program:strace"), () => {
  test.each([
    ["none", []],
    // On a network of the engine's own: nothing is plugged into this machine's.
    ["bridge", ["unshare", "--net"]],
  ])(
    "sees the child make the calls that --explain prints, in the same order and with the same results: %s",
    (network, within) => {
      const traces = join(folder, `trace-${network}`);
      const asked = ["--rm", "--network", network, "--explain", "base", "true"];
      const [program = "", ...words] = [...within, "strace", "-ff", "-s", "4096", "-o", traces, process.execPath, CLI];
      const { stderr, status } = spawnSync(program, [...words, ...command, ...asked], { env, encoding: "utf8" });
      expect(status).toBe(0);
      const steps = printedSteps(stderr);
      const pid = /=(\d+)$/.exec(steps.find(({ text }) => text.startsWith("clone3("))!.text)![1];
      const printed = steps.filter(({ place, text }) => place === "child" && /\)=/.test(text));

      // The launcher reports by packets of 32 bytes with the time in them; all else that it does is a step.
      const isReport = (line: string) => /^clock_gettime\(|^write\(3, .*, 32\) = 32$/.test(line);
      const seen = readFileSync(`${traces}.${pid}`, "utf8")
        .split("\n")
        .filter((line) => !isReport(line));

      expect(printed.length).toBeGreaterThan(100);
      expect(printed.map(({ text }) => essence(text))).toEqual(seen.slice(0, printed.length).map(essence));
      expect(essence(printed.at(-1)!.text)).toMatchObject({ name: "execve", result: "0" });
    },
  );
});

describe("run --explain", () => {
  test("says it on standard error, and leaves standard output to the container", () => {
    const { stdout, stderr, status } = run("--rm", "--explain", "base", "echo", "hi");
    expect({ stdout, status }).toEqual({ stdout: "hi\n", status: 0 });
    expect(stderr).toMatch(/^\d+ system calls, .* in the kernel$/m);
  });

  test("of a start that fails ends with the call that did", () => {
    const { stderr, status } = run("--rm", "--explain", "base", "/no/such");
    expect(status).toBe(127);
    const last = printedSteps(stderr).at(-1)!.text;
    expect(last).toBe('execve("/no/such",["/no/such"],/*3vars*/)=-1ENOENT◀thiscallfailed');
  });

  test("and --record and --step can be had at once", () => {
    const file = join(folder, "all.json");
    const { stdout, stderr, status } = run("--rm", "--explain", "--step", "--record", file, "base", "echo", "hi");
    expect({ stdout, status }).toEqual({ stdout: "hi\n", status: 0 });
    const { steps, command: typed } = JSON.parse(readFileSync(file, "utf8"));
    expect(typed).toEqual(["run", "--rm", "--explain", "--step", "--record", file, "base", "echo", "hi"]);
    expect(stderr.match(/^━━━ child/gm)!.length).toBeGreaterThan(2);
    expect(steps.length).toBeGreaterThan(100);
  });
});

test("exec --explain: the namespaces are entered, not made", () => {
  const id = run("-d", "base", "sleep", "30").stdout.trim();
  const exec = (...args: string[]) =>
    spawnSync(process.execPath, [CLI, ...command.slice(0, -1), ...args], { env, encoding: "utf8" });
  const { stdout, stderr } = exec("exec", "--explain", id, "echo", "hi");
  expect(exec("rm", "-f", id).status).toBe(0);
  expect(stdout).toBe("hi\n");
  const calls = printedSteps(stderr).map(({ text }) => text.split("(")[0]);
  expect(calls).toContain("setns");
  expect(calls).not.toContain("pivot_root");
});

describe("run --step", () => {
  test("without a terminal runs through, and shows what each call changed", () => {
    const { stdout, stderr, status } = run("--rm", "--step", "base", "echo", "hi");
    expect({ stdout, status }).toEqual({ stdout: "hi\n", status: 0 });
    expect(stderr).toMatch(/ {2}pivot_root\("\.", "\."\) = 0.*exchange the root.*\n( {6}.*\n)* {6}~ directory +root /);
    expect(stderr).toMatch(/\+ mount +…\/rootfs\/proc {2}proc/);
    expect(stderr).not.toContain("Enter");
  });

  test("given up on a terminal takes the container away, and gives the terminal back", needs("program:script"), () => {
    const line = [process.execPath, CLI, ...command, "--step", "base", "true"].join(" ");
    const { stdout } = spawnSync("script", ["-qec", `${line}; echo "code $?"; stty -a`, "/dev/null"], {
      env,
      encoding: "utf8",
      input: "\r\r\rn\rq",
    });
    expect(stdout).toMatch(/given up before \w+: what was begun is taken away/);
    expect(stdout).toContain("code 130");
    expect(stdout).toMatch(/(^|\s)isig icanon .*\becho\b/m);
    expect(containers()).toEqual([]);
  });
});

describe("run --record", () => {
  test("to what is no file is refused before a container is made", () => {
    const { stderr, status } = run("--record", "/dev/null", "base", "true");
    expect(status).toBe(125);
    expect(stderr).toContain("cannot record to /dev/null: it is not a file");
    expect(containers()).toEqual([]);
  });
});

describe("run --dry-run", () => {
  test("prints the plan on standard output, and makes nothing", () => {
    const nowhere = join(folder, "nowhere");
    const { stdout, status } = spawnSync(
      process.execPath,
      [CLI, "--root", nowhere, "--state", nowhere, "run", "--dry-run", "-v", "/no/such:/data", "base", "true"],
      { env, encoding: "utf8" },
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+ system calls, none of them made$/m);
    expect([existsSync(nowhere), existsSync("/no/such")]).toEqual([false, false]);
  });

  test("is an ordinary user's own plan", needs("program:setpriv"), () => {
    const line = [process.execPath, CLI, "--root", "/no/such", "run", "--dry-run", "base", "true"];
    const { stdout, status } = spawnSync("setpriv", ["--reuid", "4321", "--regid", "4321", "--clear-groups", ...line], {
      env,
      encoding: "utf8",
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/clone3\(\{flags=.*CLONE_NEWUSER/);
    expect(stdout).toContain('"0 4321 1\\n"');
  });
});
