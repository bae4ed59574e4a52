import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tarOf, type Written } from "../06-images/archives.ts";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";
import { build, contextOf, treeOf } from "./builds.ts";

const link = (name: string, target: string): Written => ({ name, type: "2", link: target });

describe("a context that was received", needs("root", "overlay"), () => {
  const received = (entries: Written[], dockerfile?: string) =>
    build(temporaryRoots(), "-", {
      stdin: (async function* () {
        yield tarOf(entries);
      })(),
      dockerfile,
    });

  test("has no Dockerfile, nor a list of what is ignored, that is a link to the host's files", async () => {
    const secret = join(mkdtempSync(join(tmpdir(), "host-")), "secret");
    writeFileSync(secret, "!\nhost-secret-line\n");
    await expect(received([link("Dockerfile.mine", secret)], "Dockerfile.mine")).rejects.toThrow(
      "failed to read dockerfile: open Dockerfile.mine: no such file or directory",
    );
    const dockerfile = { name: "Dockerfile", content: Buffer.from("FROM scratch\nCOPY Dockerfile /\n") };
    const built = await received([dockerfile, link("Dockerfile.dockerignore", secret)]);
    expect(built.made).toHaveLength(1);
  });
});

describe("a secret", needs("root", "overlay"), () => {
  test("that is a variable is written nowhere in the engine's folder, while its step runs nor after", async () => {
    const roots = temporaryRoots();
    const run = 'RUN --mount=type=secret,id=s,env=S --mount=type=cache,target=/c echo "$S" | wc -c; touch /c/ready;';
    const dockerfile = `FROM base\n${run} for i in $(seq 300); do [ -e /c/go ] && exit; sleep 0.05; done; exit 1`;
    const secrets = new Map([["s", { source: { value: "hush-hush-4711" } }]]);
    const building = build(roots, { Dockerfile: dockerfile }, { secrets });
    const found: string[] = [];
    const cache = await Promise.race([cacheWith(roots.root, "ready"), building.then(() => "")]);
    found.push(...filesWith("hush-hush-4711", roots.root));
    writeFileSync(join(cache, "go"), "");
    expect((await building).output).toBe("15\n");
    expect([...found, ...filesWith("hush-hush-4711", roots.root)]).toEqual([]);
  });

  async function cacheWith(root: string, name: string): Promise<string> {
    const mounts = join(root, "build/mounts");
    for (;;) {
      const caches = existsSync(mounts) ? readdirSync(mounts) : [];
      const [found] = caches.filter((cache) => existsSync(join(mounts, cache, name)));
      if (found !== undefined) return join(mounts, found);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  function filesWith(text: string, folder: string): string[] {
    const listed = execFileSync("sh", ["-c", `grep -rl '${text}' . || true`], { cwd: folder, encoding: "utf8" });
    return listed.split("\n").filter((line) => line !== "");
  }
});

describe("a link of the context", needs("root", "overlay"), () => {
  const files = { "hidden/f": "no", "hidden/taken": "yes", "open/f": "f", ".dockerignore": "hidden\n!hidden/taken" };
  const contextWith = (links: Record<string, string>, dockerfile: string): string => {
    const context = contextOf({ ...files, Dockerfile: `FROM scratch\n${dockerfile}` });
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(context, name));
    return context;
  };

  test("leads to nothing that .dockerignore leaves out", async () => {
    const links = { l: "hidden/f", up: "hidden" };
    for (const source of ["l", "up/f"]) {
      await expect(build(temporaryRoots(), contextWith(links, `COPY ${source} /x`))).rejects.toThrow("not found");
    }
    const roots = temporaryRoots();
    const built = await build(roots, contextWith(links, "COPY up /x\nCOPY up/taken /y\nCOPY [l]* /z/\n"));
    const tree = await treeOf(roots, built);
    expect(
      execFileSync("find", [".", "-type", "f"], { cwd: tree, encoding: "utf8" }).trim().split("\n").sort(),
    ).toEqual(["./x/taken", "./y"]);
  });

  test("leads to what is left in", async () => {
    const roots = temporaryRoots();
    const built = await build(roots, contextWith({ l: "open/f", up: "open" }, "COPY l /l\nCOPY up /up"));
    const tree = await treeOf(roots, built);
    expect(["l", "up/f"].map((name) => readFileSync(join(tree, name), "utf8"))).toEqual(["f", "f"]);
  });
});

describe("an archive", needs("root", "overlay"), () => {
  const adding = (entries: Written[]) =>
    build(temporaryRoots(), { "x.tar": tarOf(entries), Dockerfile: "FROM scratch\nADD x.tar /d/" });

  test.each([
    { name: "../../etc/passwd", content: "x" },
    { name: "a/../../b", content: "x" },
    { name: "l", type: "1", link: "../f" } as Written,
  ])("that holds $name is pointed at", async (entry) => {
    const failure = await adding([entry]).catch((error: Error) => error.message);
    expect(failure).toMatch(/^Dockerfile:2: the archive "x.tar" holds ".*\.\..*", which would lie outside of where/);
  });

  test("may take detours inside of itself", async () => {
    const roots = temporaryRoots();
    const files = { "x.tar": tarOf([{ name: "a/../f", content: "f" }]), Dockerfile: "FROM scratch\nADD x.tar /d/" };
    expect(readFileSync(join(await treeOf(roots, await build(roots, files)), "d/f"), "utf8")).toBe("f");
  });
});

describe("names that every object has", needs("root", "overlay"), () => {
  test("are names like any other", async () => {
    const dockerfile = `FROM base AS constructor
ARG constructor
ARG toString=t
ENV __proto__=p valueOf=v
LABEL __proto__=l constructor=c
RUN echo "[$constructor] [$toString] [$__proto__] [$valueOf]"
FROM constructor
COPY --from=constructor /bin/sh /sh`;
    const { output, image } = await build(temporaryRoots(), { Dockerfile: dockerfile });
    const { Labels = {}, Env = [] } = image.config.config ?? {};
    expect(output).toBe("[] [t] [p] [v]\n");
    expect(Object.entries(Labels ?? {})).toEqual([
      ["__proto__", "l"],
      ["constructor", "c"],
    ]);
    expect(Env).toContain("__proto__=p");
  });

  test("are no keys of a mount", async () => {
    const failing = build(temporaryRoots(), { Dockerfile: "FROM base\nRUN --mount=constructor=x,target=/x true" });
    await expect(failing).rejects.toThrow("unexpected key 'constructor' for mount type 'bind'");
  });
});

describe("what people would notice at once", needs("root", "overlay"), () => {
  test("arguments of the stage that a stage begins with are known in it", async () => {
    const dockerfile = `FROM scratch AS base
ARG DIR=/app
FROM base
WORKDIR $DIR
LABEL d=\${DIR}`;
    const { config } = (await build(temporaryRoots(), { Dockerfile: dockerfile })).image;
    expect([config.config?.WorkingDir, config.config?.Labels]).toEqual(["/app", { d: "/app" }]);
  });

  test("an archive that xz has made is unpacked", needs("program:xz"), async () => {
    const context = contextOf({ "f/hello": "hello", Dockerfile: "FROM scratch\nADD f.tar.xz /" });
    execFileSync("tar", ["cJf", "f.tar.xz", "-C", "f", "."], { cwd: context });
    const roots = temporaryRoots();
    expect(readFileSync(join(await treeOf(roots, await build(roots, context)), "hello"), "utf8")).toBe("hello");
  });

  test("a cache named twice in one instruction isn't waited for", async () => {
    const mount = (target: string) => `--mount=type=cache,id=x,sharing=locked,target=${target}`;
    const dockerfile = `FROM base\nRUN ${mount("/a")} ${mount("/b")} echo one > /a/f; cat /b/f`;
    expect((await build(temporaryRoots(), { Dockerfile: dockerfile })).output).toContain("one");
  });

  test("two caches that two stages want in another order keep nobody waiting", async () => {
    const mount = (id: string) => `--mount=type=cache,id=${id},sharing=locked,target=/${id}`;
    // A cache that is filled from a stage takes its time between the one lock and the other.
    const filled = (id: string) => `${mount(id)},from=slow`;
    const dockerfile = `FROM base AS slow
RUN sleep 0.3
FROM base AS one
RUN ${filled("a")} ${mount("b")} echo one
FROM base AS two
RUN ${filled("b")} ${mount("a")} echo two
FROM scratch
COPY --from=one /bin/sh /1
COPY --from=two /bin/sh /2`;
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), 20_000);
    const built = build(temporaryRoots(), { Dockerfile: dockerfile }, { signal: waiting.signal });
    expect((await built.finally(() => clearTimeout(timer))).output).toMatch(/one[\s\S]*two|two[\s\S]*one/);
  });

  test.each(["WORKDIR /f", "WORKDIR /f/below", "COPY g /f/", "COPY g /f/below/g"])(
    "%s is pointed at where /f is a file",
    async (line) => {
      const files = { f: "", g: "", Dockerfile: `FROM scratch\nCOPY f /f\n${line}\n` };
      const failure = await build(temporaryRoots(), files).catch((error: Error) => error.message);
      expect(failure).toMatch(/^Dockerfile:3: cannot [\s\S]*\n {3}3 \| (WORKDIR|COPY)[\s\S]*\^/);
    },
  );

  test("variables are known in what a mount says, but for where it is from", async () => {
    const mounts = "--mount=type=cache,target=$C,uid=$U --mount=type=bind,source=$D,target=$H/d";
    const dockerfile = `FROM base\nARG C=/c U=7 D=dir\nENV H=/h\nRUN ${mounts} stat -c %u /c; cat /h/d/f`;
    expect((await build(temporaryRoots(), { "dir/f": "f\n", Dockerfile: dockerfile })).output).toBe("7\nf\n");
    const from = build(temporaryRoots(), { Dockerfile: "FROM base\nARG S\nRUN --mount=from=$S,target=/x true" });
    await expect(from).rejects.toThrow("Dockerfile:3: 'from' doesn't support variable expansion");
  });

  test("a stage that is this very one, or comes later, is no image of that name", async () => {
    const of = (name: string) =>
      `FROM base AS one\nCOPY --from=${name} /bin/sh /s\nFROM base AS two\nCOPY --from=one / /`;
    const files = (name: string) => ({ Dockerfile: of(name) });
    await expect(build(temporaryRoots(), files("One"))).rejects.toThrow('Dockerfile:2: "One" is this very stage');
    await expect(build(temporaryRoots(), files("two"))).rejects.toThrow('"two" is a stage that comes later');
  });

  test("a network of another kind is another step", async () => {
    const roots = temporaryRoots();
    const context = contextOf({ Dockerfile: "FROM base\nRUN ls /sys/class/net > /n" });
    await build(roots, context, { network: "host" });
    expect((await build(roots, context, { network: "none" })).cached).toEqual([]);
  });
});
