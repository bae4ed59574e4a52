// `run --with`: a student's module in the place of a stage's functions, in the real engine.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

const PIVOT = `
import { chdirStep, fchdirStep, MNT, pivotRootStep, reg, type Step, umountStep } from "mini-docker/01-syscalls";

export function pivotSteps(): Step[] {
  return [
    fchdirStep({ fd: reg("rootfs"), why: "the student's own reason" }),
    pivotRootStep({ newRoot: ".", putOld: ".", why: "exchange" }),
    umountStep({ target: ".", flags: MNT.DETACH, why: "let go" }),
    chdirStep({ path: "/", why: "stand there" }),
  ];
}
`;

/** A workshop folder with one module in it. */
function workshop(source: string): { folder: string; module: string } {
  const folder = mkdtempSync(join(tmpdir(), "workshop-"));
  chmodSync(folder, 0o755);
  const module = join(folder, "mine.ts");
  writeFileSync(module, source);
  return { folder, module };
}

const ON_HOST = ["run", "--rm", "--on-host"];

describe("a module of one's own", () => {
  test("stands in for ours, and is said to, step by step; what it doesn't export stays ours", () => {
    const { module } = workshop(PIVOT);
    const { code, stdout, stderr } = md.call(...ON_HOST, "--with", `02=${module}`, "--explain", "base", "ls", "/");
    expect([code, stdout.includes("bin\n")]).toEqual([0, true]);
    expect(stderr).toContain(`pivotSteps  ${module}\n`);
    expect(stderr).toContain("# the student's own reason");
    expect(stderr.split(module)).toHaveLength(2);
  });

  test("is in the list that isn't run, too, on the host and in a lab", needs("userns"), () => {
    const { module } = workshop(PIVOT);
    for (const where of [["--on-host"], []])
      expect(md.ok("run", ...where, "--dry-run", "--with", `02=${module}`, "base", "true")).toContain(
        "# the student's own reason",
      );
  });

  test("decides what really happens: without pivot_root the host's files are there", () => {
    const { module } = workshop("export const pivotSteps = () => [];");
    expect(md.call(...ON_HOST, "base", "ls", md.root).code).toBe(1);
    expect(md.ok(...ON_HOST, "--with", `02=${module}`, "base", "ls", md.root)).toContain("containers");
  });

  test("may have parts, in TypeScript too", () => {
    const { folder, module } = workshop(`export { pivotSteps } from "./parts/pivot.ts";`);
    mkdirSync(join(folder, "parts"));
    writeFileSync(join(folder, "parts/pivot.ts"), PIVOT);
    expect(md.ok(...ON_HOST, "--with", `02-rootfs=${module}`, "base", "echo", "runs")).toBe("runs");
  });

  test.each([
    ["an import that leads nowhere", `import "./nosuch.ts";`, "can't be loaded: Cannot find module"],
    [
      "a misspelt name",
      "export function pivotStep() {}",
      "02-rootfs has no function pivotStep\n  Hint: did you mean pivotSteps?",
    ],
    ["nothing in it", "const pivotSteps = 1;", "exports no function of 02-rootfs"],
    ["a mistake in its grammar", "export function pivotSteps( {\n  const a: = 3;\n}", "mine.ts:2:9: Expected ','"],
    [
      "a mistake in what it does",
      "export function pivotSteps() {\n  return (null as any).b;\n}",
      "pivotSteps: line 2, column 24: Cannot read",
    ],
    [
      "a field by another name",
      'import * as ask from "mini-docker/01-syscalls"; export const pivotSteps = () => [ask.chdirStep({ folder: "/", why: "" })];',
      "the step chdir has no value for argument 1",
    ],
    ["no answer", "export function pivotSteps() {}", "pivotSteps returned nothing, and not a list of steps"],
    [
      "a call that there isn't",
      `export const pivotSteps = () => [{ call: "pivot", args: [], why: "x" }];`,
      "there is no system call pivot",
    ],
    [
      "a step without a reason",
      `export const pivotSteps = () => [{ call: "chdir", args: ["/"] }];`,
      "the step chdir doesn't say why it is there",
    ],
  ])("with %s is refused in a line, and no container is left", (_, source, words) => {
    const { module } = workshop(source);
    const { code, stdout, stderr } = md.call(...ON_HOST, "--with", `02=${module}`, "base", "true");
    expect([code, stdout]).toEqual([125, ""]);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("this is a bug");
    expect(md.ok("ps", "-aq")).toBe("");
  });

  test("with a mistake in a long line shows the part of it that has the mistake, and where", () => {
    const { module } = workshop(`export const pivotSteps = () => [${'"twelve chars", '.repeat(9)}oh no];`);
    const { stderr } = md.call(...ON_HOST, "--with", `02=${module}`, "base", "true");
    const [message = "", line = "", mark = ""] = stderr.split("\n");
    expect(message).toContain("Expected ','");
    expect(line).toMatch(/^…[^\n]{63}$/);
    expect(line.slice(mark.indexOf("^"))).toBe("no];");
  });

  test("has to be there, and its stage too", () => {
    expect(md.call(...ON_HOST, "--with", "2=nosuch.ts", "base", "true").stderr).toBe(
      "mini-docker: there is no module nosuch.ts\n",
    );
    expect(md.call(...ON_HOST, "--with", "99=nosuch.ts", "base", "true").stderr).toContain('no stage is called "99"');
    expect(md.call(...ON_HOST, "--with", "nosuch.ts", "base", "true").stderr).toContain(
      "invalid --with nosuch.ts: want STAGE=FILE",
    );
  });
});

describe("unless it is said otherwise, in a lab", needs("userns"), () => {
  test("where it is root of nothing of the host's", () => {
    const { folder, module } = workshop(`
      import { existsSync, readFileSync, writeFileSync } from "node:fs";
      const tries: Record<string, () => unknown> = {
        "the host's passwords": () => readFileSync("/etc/shadow"),
        "the machine's settings": () => writeFileSync("/proc/sys/kernel/core_pattern", "x"),
        "programs": () => writeFileSync("/usr/bin/mine", "x"),
        "the workshop": () => writeFileSync(import.meta.dirname + "/new", "x"),
        "the other processes": () => process.kill(${process.pid}, 0),
      };
      for (const [what, attempt] of Object.entries(tries)) try { attempt(); console.log("got " + what); } catch {}
      console.log(readFileSync("/proc/self/uid_map", "utf8").trim().split(/\\s+/)[1], existsSync("${md.root}"));
      ${PIVOT}`);
    const [first, ...rest] = md.ok("run", "--rm", "--with", `02=${module}`, "base", "echo", "runs").split("\n");
    expect([first, rest]).toEqual([expect.stringMatching(/^\d{9} false$/), ["runs"]]);
    expect(readdirSync(folder)).toEqual(["mine.ts"]);
    expect(md.ok("ps", "-aq")).toBe("");
  });

  test("the container's output, input and exit code are as ever, and --explain is of the student's container", () => {
    const { module } = workshop(PIVOT);
    const said = md.callWith(
      { input: "typed\n" },
      "run",
      "-i",
      "--rm",
      "--with",
      `02=${module}`,
      "base",
      "sh",
      "-c",
      "cat; exit 7",
    );
    expect(said).toMatchObject({ code: 7, stdout: "typed\n" });
    const explained = md.call("run", "--rm", "--explain", "--with", `02=${module}`, "base", "true");
    expect(explained.stderr).toContain(`pivotSteps  ${module}\n`);
  });

  test("and can't make it so, not even by lifting what is read-only", () => {
    const { folder, module } = workshop(`
      import { execFileSync } from "node:child_process";
      import { writeFileSync } from "node:fs";
      for (const place of ["/usr", import.meta.dirname]) {
        try { execFileSync("mount", ["-o", "remount,bind,rw", place], { stdio: "ignore" }); } catch {}
        try { writeFileSync(place + "/owned-by-lab", ""); console.log("wrote " + place); } catch {}
      }
      ${PIVOT}`);
    expect(md.ok("run", "--rm", "--with", `02=${module}`, "base", "echo", "runs")).toBe("runs");
    expect([...readdirSync(folder), ...readdirSync("/usr")]).not.toContain("owned-by-lab");
  });

  test("what can't be in a lab is refused", () => {
    for (const [flags, words] of [
      [["-v", "/etc:/x"], "a lab sees no folders of the host's"],
      [["--record", "/tmp/x"], "no --record there"],
    ] as const) {
      const { module } = workshop(PIVOT);
      expect(md.call("run", ...flags, "--with", `02=${module}`, "base", "true").stderr).toContain(words);
    }
    const { module } = workshop(PIVOT);
    const { code, stderr } = md.call("run", "-d", "--with", `02=${module}`, "base", "true");
    expect([code, stderr]).toEqual([
      125,
      expect.stringContaining("a lab ends with its command: --detach can't be had in one"),
    ]);
  });
});
