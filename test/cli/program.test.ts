import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = join(import.meta.dirname, "../..");

// A package of its own: what is kept in `dist` must not be what other tests run with.
let folder: string;
const dist = () => join(folder, "dist");
const kept = () => readdirSync(dist()).filter((name) => name.endsWith(".cache"));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
  const isWanted = (path: string) => !path.endsWith(".cache");
  cpSync(join(repository, "dist"), dist(), { recursive: true, filter: isWanted });
  cpSync(join(repository, "package.json"), join(folder, "package.json"));
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function miniDocker(args: string[], nodeOptions: string[] = []) {
  const program = join(dist(), "mini-docker.js");
  const { stdout, stderr, status } = spawnSync(process.execPath, [...nodeOptions, "--", program, ...args], {
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  return { stdout, stderr, status };
}

describe("what V8 compiled", () => {
  const version = { stdout: expect.stringMatching(/^mini-docker version \d+\.\d+\.\d+\n$/), stderr: "", status: 0 };

  test("is kept for the next time, one file a verb; the first few runs add to it", () => {
    const times = Array.from({ length: 6 }, () => {
      expect(miniDocker(["--version"])).toEqual(version);
      expect(kept()).toHaveLength(1);
      return statSync(join(dist(), kept()[0]!), { bigint: true }).mtimeNs;
    });
    expect(new Set(times).size).toBe(4);
    expect(new Set(times.slice(3)).size).toBe(1);
  });

  test("isn't kept under a name that is no verb, nor where a command failed or only printed its help", () => {
    const before = kept();
    expect(miniDocker(["--root", "elsewhere", "--version"]).status).toBe(0);
    expect(miniDocker(["run", "--help"]).status).toBe(0);
    expect(miniDocker(["run", "--no-such-flag"]).status).toBe(125);
    expect(kept()).toEqual(before);
  });

  test("does no harm when it is rubbish, and is kept anew", () => {
    for (const name of kept()) writeFileSync(join(dist(), name), "rubbish");
    expect(miniDocker(["--version"])).toEqual(version);
    for (const name of kept()) expect(statSync(join(dist(), name)).size).toBeGreaterThan(1000);
  });

  test("is of the files that a command needs, and of no others", () => {
    const of = (verb: string) =>
      kept()
        .filter((name) => name.includes(`.${verb}.`))
        .map((name) => name.split("-")[0]);
    expect(miniDocker(["--root", folder, "--state", folder, "ps"]).status).toBe(0);
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nLABEL a=b\n");
    expect(miniDocker(["--root", folder, "--state", folder, "build", folder]).status).toBe(0);
    expect(of("build").sort()).toEqual(["everyday", "first", "images"]);
    expect(of("ps").sort()).toEqual(["everyday", "first", "images", "rest"]);
    expect(of("")).toEqual(["first"]);
  });
});

test("the file that all commands read has nothing in it that works on images, overlays or volumes", () => {
  const first = readdirSync(dist()).find((name) => /^first-\w+\.js$/.test(name))!;
  const text = readFileSync(join(dist(), first), "latin1");
  expect(text.includes("function enterOwnIds")).toBe(true);
  const others = ["unpackImage", "copyLayers", "removeTree", "discardVolume", "planMount"];
  expect(others.filter((name) => text.includes(`function ${name}`))).toEqual([]);
});

describe("mini-docker/01-syscalls", () => {
  /** `code` runs at the end of a command of the engine, in its process, as a module of a student's would. */
  function inTheEngine(code: string): string {
    mkdirSync(join(folder, "student"), { recursive: true });
    writeFileSync(join(folder, "student/module.mjs"), code);
    const hook = `process.exit = () => import(${JSON.stringify(join(folder, "student/module.mjs"))})`;
    writeFileSync(join(folder, "student/hook.cjs"), hook);
    const { stdout, stderr } = miniDocker(["--version"], ["--require", join(folder, "student/hook.cjs")]);
    expect(stderr).toBe("");
    return stdout.replace(/^mini-docker version .*\n/, "");
  }

  test("is for a student's module the very one the engine uses", () => {
    const said = inTheEngine(`
      import * as theirs from "mini-docker/01-syscalls";
      const ours = process.mainModule.exports.load("./01-syscalls.js");
      console.log(Object.keys(ours).length > 50, Object.keys(ours).every((name) => ours[name] === theirs[name]));
    `);
    expect(said).toBe("true true\n");
  });

  test("is in the bundle once, whichever chunks need it", () => {
    const files = readdirSync(dist()).filter((name) => /^(first|everyday|images|rest)-\w+\.js$/.test(name));
    const text = files.map((name) => readFileSync(join(dist(), name), "utf8")).join("");
    expect(text.match(/class \w* ?extends Error/g)!.length).toBeGreaterThan(2);
    expect(text.match(/"SyscallError"/g)).toHaveLength(1);
  });

  test("can be used without the engine", () => {
    const program = `import { mkdirStep, spellCall } from "mini-docker/01-syscalls";
      console.log(spellCall(mkdirStep({ path: "/a", mode: 0o755, why: "to see" })));`;
    writeFileSync(join(folder, "alone.mjs"), program);
    const { stdout } = spawnSync(process.execPath, [join(folder, "alone.mjs")], { encoding: "utf8" });
    expect(stdout).toBe('mkdirat(AT_FDCWD, "/a", 0755)\n');
  });
});
