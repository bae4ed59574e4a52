import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cliForTests, ended } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

function contextOf(dockerfile: string): string {
  const folder = mkdtempSync(join(tmpdir(), "context-"));
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
  return folder;
}

const build = (dockerfile: string, ...flags: string[]) => md.call("build", ...flags, contextOf(dockerfile));

describe("build", needs("overlay"), () => {
  test("makes an image that runs, under each of its names, and says its id", () => {
    const folder = contextOf("FROM base\nCOPY . /c\nRUN echo hi > /x\nCMD cat /x");
    const iidfile = join(folder, "id");
    const { code, stdout } = md.call("build", "-q", "-t", "app", "-t", "b.c/other:1", "--iidfile", iidfile, folder);
    expect([code, stdout.trim()]).toEqual([0, readFileSync(iidfile, "utf8")]);
    expect(["app", "b.c/other:1", stdout.trim()].map((name) => md.ok("run", "--rm", name))).toEqual(["hi", "hi", "hi"]);
  });

  test("tells its steps in lines, with numbers and times", () => {
    const { stderr } = build("FROM base AS one\nRUN echo said; printf end\nFROM one\nWORKDIR /w");
    expect(stderr.replaceAll(/\d+\.\d+/g, "0.0")).toContain(
      "#2 [one 2/2] RUN echo said; printf end\n#2 0.0 said\n#2 0.0 end\n#2 DONE 0.0s\n",
    );
    expect(build("FROM base AS one\nRUN echo said; printf end").stderr).toContain("#2 CACHED\n");
  });

  test("tells a program each event as a line of JSON", () => {
    const { stderr } = build("FROM base\nRUN echo json", "--progress", "rawjson");
    const kinds = stderr
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(new Set(kinds)).toEqual(new Set(["begun", "output", "done"]));
  });

  test("shows what a step that failed said, and where it stands", () => {
    const { code, stderr } = build("FROM base\nRUN echo why; exit 4\n");
    expect(code).toBe(1);
    expect(stderr).toContain(" > [2/2] RUN echo why; exit 4:\nwhy\n------\n");
    expect(stderr).toContain("   1 |     FROM base\n   2 | >>> RUN echo why; exit 4\n");
    expect(stderr).toMatch(
      /mini-docker: process "\/bin\/sh -c echo why; exit 4" did not complete successfully: exit code: 4\n$/,
    );
  });

  test("keeps CR LF in here-documents, and says so where a shell stumbles over it", () => {
    const files = "COPY <<A /a\r\na\r\nA\r\nRUN <<B cat > /b\r\nb\r\nB\r\n";
    expect(build(`FROM base\r\n${files}RUN printf 'a\\r\\n' | cmp - /a && printf 'b\\r\\n' | cmp - /b`).code).toBe(0);
    expect(build("FROM base\r\nRUN <<C\r\nset -e\r\nC\r\n").stderr).toMatch(/exit code: \d+\n.*Hint: .*CR LF/);
  });

  test("reads arguments, secrets and labels", () => {
    const folder = contextOf("FROM base\nARG A B C=3\nRUN --mount=type=secret,id=s cat /run/secrets/s; echo $A $B $C");
    const environment = { ...process.env, B: "2", TOKEN: "t" };
    const flags = ["--build-arg", "A=1", "--build-arg", "B", "--secret", "id=s,env=TOKEN", "--label", "l=m"];
    const { stderr, code } = md.callWith({ env: environment }, "build", ...flags, "-t", "asked", folder);
    expect([code, /\d t1 2 3\n/.test(stderr)]).toEqual([0, true]);
    expect(md.ok("inspect", "--format", "{{.Config.Labels.l}}", "asked")).toBe("m");
  });

  test.each([
    [["-t", "a:b:c"], "invalid reference format"],
    [["-t", `a@sha256:${"0".repeat(64)}`], "invalid"],
    [["--secret", "src=x"], "secret needs an id"],
    [["--secret", "id=x,src=/nowhere"], "no such file"],
    [["--platform", "x y"], "unknown operating system"],
    [["--progress", "loud"], "invalid progress mode"],
    [["--build-arg", "=1"], "invalid build argument"],
    [["--target", "x"], "could not be found"],
  ])("with %j is refused: %s", (flags, problem) => {
    const { code, stderr } = build("FROM base", ...flags);
    expect([code === 0, stderr.includes(problem)]).toEqual([false, true]);
    expect(stderr).not.toContain("bug");
  });

  test("that is interrupted ends its steps and leaves nothing", async () => {
    const child = md.begin("build", contextOf("FROM base\nRUN echo begun; sleep 1000"));
    await new Promise<void>((resolve) => {
      child.stderr.on("data", (bytes: Buffer) => bytes.includes("begun\n") && resolve());
    });
    child.kill("SIGINT");
    expect((await ended(child)).code).toBe(130);
    expect(execFileSync("find", [join(md.root, "build/work"), "-mindepth", "1"], { encoding: "utf8" })).toBe("");
  });

  test("that is killed ends its steps too, and the next one takes away what it left", async () => {
    const mark = `sleep 1${process.pid}`;
    const child = md.begin("build", contextOf(`FROM base\nRUN echo kept\nRUN echo begun; ${mark}`));
    await new Promise<void>((resolve) => {
      child.stderr.on("data", (bytes: Buffer) => bytes.includes("begun\n") && resolve());
    });
    child.kill("SIGKILL");
    await ended(child);
    const { stderr } = build("FROM base\nRUN echo kept");
    expect(stderr).toContain("#2 CACHED");
    expect(execFileSync("find", [join(md.root, "build/work"), "-mindepth", "1"], { encoding: "utf8" })).toBe("");
    expect(
      execFileSync("sh", ["-c", `ps ax -o args | grep -c '[s]leep 1${process.pid}' || true`], { encoding: "utf8" }),
    ).toBe("0\n");
  });

  test("on a full disk says so", needs("root"), () => {
    const disk = mkdtempSync(join(tmpdir(), "disk-"));
    mkdirSync(join(disk, "m"));
    const context = contextOf("FROM base\nRUN head -c 40m /dev/zero > /big; cp /big /big2; cp /big /big3");
    const script = `mount -t tmpfs -o size=20m tmpfs ${disk}/m && node dist/mini-docker.js --root ${disk}/m/r --state ${md.state} build ${context}`;
    let said = "";
    try {
      execFileSync("unshare", ["-m", "sh", "-c", script], { encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      said = (error as { stderr: string }).stderr;
    }
    expect(said).toMatch(/No space left|no space left/);
    expect(said).not.toContain("bug in mini-docker");
  });
});
