import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { UserError } from "../../src/01-syscalls/index.ts";
import { readIndex } from "../../src/06-images/index.ts";
import { readEvents } from "../../src/10-containers/events.ts";
import { serveRegistry } from "../../src/11-registry/server/serve.ts";
import { fromAnywhere } from "../../src/12-build/base.ts";
import { parseOutput } from "../../src/12-build/output.ts";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";
import { build, contextOf } from "./builds.ts";

const shell = (cwd: string, script: string) => execFileSync("sh", ["-c", script], { cwd, encoding: "utf8" }).trimEnd();
const DOCKERFILE =
  "FROM base AS b\nRUN mkdir -m 750 /out; echo x > /out/f; ln /out/f /out/g\nFROM scratch\nCOPY --from=b /out /o";

describe("the result", needs("root", "overlay"), () => {
  test("may be a folder, or an archive of files", async () => {
    const roots = temporaryRoots();
    const to = contextOf({ "there/": "" });
    const outputs = [parseOutput(`${to}/there/new`), parseOutput(`type=tar,dest=${to}/a.tar`), parseOutput("-")];
    const pieces: Buffer[] = [];
    await build(
      roots,
      { Dockerfile: DOCKERFILE },
      { outputs, stdout: (bytes) => pieces.push(Buffer.from(bytes)), tags: ["x"] },
    );
    expect(shell(`${to}/there/new`, "find . | sort; stat -c %h o/f")).toBe(".\n./o\n./o/f\n./o/g\n2");
    expect(shell(to, "tar tf a.tar")).toBe("o/\no/f\no/g");
    expect(readFileSync(`${to}/a.tar`).equals(Buffer.concat(pieces))).toBe(true);
    expect(readIndex(roots.root).some(({ annotations }) => JSON.stringify(annotations).includes("library/x"))).toBe(
      false,
    );
  });

  test("that goes elsewhere has no name here, and nobody hears of one", async () => {
    const [roots, to] = [temporaryRoots(), contextOf({ "x/": "" })];
    const tagged = () => readEvents(roots).events.filter(({ action }) => action === "tag").length;
    const files = { Dockerfile: DOCKERFILE };
    await build(roots, files, { outputs: [parseOutput(`type=oci,dest=${to}/a.tar`)], tags: ["x"] });
    expect(tagged()).toBe(0);
    await build(roots, files, { tags: ["x"] });
    expect(tagged()).toBe(1);
  });

  test("may be an image in an archive for others", needs("program:skopeo"), async () => {
    const [roots, to] = [temporaryRoots(), contextOf({ "x/": "" })];
    const outputs = ["oci", "docker"].map((type) => parseOutput(`type=${type},dest=${to}/${type}.tar`));
    const { digest, id } = await build(roots, { Dockerfile: DOCKERFILE }, { outputs, tags: ["app:2"] });
    expect(shell(to, "skopeo inspect --format '{{.Digest}}' oci-archive:oci.tar")).toBe(digest);
    const config = shell(to, "skopeo inspect --config --raw docker-archive:docker.tar:app:2 | sha256sum");
    expect(`sha256:${config.slice(0, 64)}`).toBe(id);
  });

  test("that can't be written is no file at all", async () => {
    const to = contextOf({ "x/": "" });
    const outputs = [parseOutput(`type=tar,dest=${to}/no/a.tar`)];
    await expect(build(temporaryRoots(), { Dockerfile: DOCKERFILE }, { outputs })).rejects.toThrow(
      "invalid output path",
    );
    expect(existsSync(join(to, "no"))).toBe(false);
  });
});

describe("an output", () => {
  test.each(["type=zip", "type=local", "type=local,dest=-", "type=tar,to=x", "dest=x"])("%s is refused", (text) => {
    expect(() => parseOutput(text)).toThrow(UserError);
  });
});

describe("a base image", needs("root", "overlay"), () => {
  test("that isn't here comes from its registry; one that is here, only if it is asked for", async () => {
    const [theirs, ours] = [temporaryRoots(), temporaryRoots()];
    const make = (word: string) => build(theirs, { Dockerfile: `FROM base\nRUN echo ${word} > /f` }, { tags: ["app"] });
    await make("old");
    const { url, close } = await serveRegistry(theirs.root, { host: "127.0.0.1", port: 0 });
    onTestFinished(close);
    const ask = async (pull: boolean) => {
      const obtain = fromAnywhere(ours, { pull, signal: new AbortController().signal });
      const { output } = await build(
        ours,
        { Dockerfile: `FROM ${url.slice(7)}/app\nRUN cat /f` },
        { obtain, noCache: true },
      );
      return output;
    };
    expect(await ask(false)).toBe("old\n");
    await make("new");
    expect([await ask(false), await ask(true)]).toEqual(["old\n", "new\n"]);
  });
});
