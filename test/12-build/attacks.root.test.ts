import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
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

  test("a network of another kind is another step", async () => {
    const roots = temporaryRoots();
    const context = contextOf({ Dockerfile: "FROM base\nRUN ls /sys/class/net > /n" });
    await build(roots, context, { network: "host" });
    expect((await build(roots, context, { network: "none" })).cached).toEqual([]);
  });
});
