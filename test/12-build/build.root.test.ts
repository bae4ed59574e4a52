import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { readIndex, removeImage, removeTree } from "../../src/06-images/index.ts";
import { pruneBuilds } from "../../src/12-build/prune.ts";
import { tarOf } from "../06-images/archives.ts";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";
import { args, build, contextOf, type Files, treeOf, unfinished } from "./builds.ts";

const shell = (cwd: string, script: string) => execFileSync("sh", ["-c", script], { cwd, encoding: "utf8" }).trimEnd();
const listing = "find . -mindepth 1 ! -path './bin*' -printf '%P %y%#m %U:%G\\n' | LC_ALL=C sort";

/** Builds on nothing, so that all there is has been copied; the files with mode and owner. */
async function copied(dockerfile: string, files: Files = FILES): Promise<string[]> {
  const roots = temporaryRoots();
  const built = await build(roots, { ...files, Dockerfile: `FROM scratch\n${dockerfile}` });
  return shell(await treeOf(roots, built), listing).split("\n");
}

const FILES: Files = { "a.txt": "a", "b.txt": "b", "d/x.txt": "x", "d/e/y.txt": "y", "d/e/z.md": "z" };
const at = (path: string, kind = "f0644 0:0") => `${path} ${kind}`;
const folder = (path: string) => at(path, "d0755 0:0");

describe("RUN", needs("root", "overlay"), () => {
  test("leaves what it changed, and nothing of what it was given to run", async () => {
    const roots = temporaryRoots();
    const built = await build(roots, { Dockerfile: "FROM base\nRUN echo hi > /x; rm /bin/vi; ls -A / > /dev/null" });
    const layer = built.image.layers.at(-1)!;
    const blob = join(roots.root, "images/blobs/sha256", layer.digest.slice(7));
    expect(shell("/", `tar tf ${blob}`)).toBe("bin/\nbin/.wh.vi\nx");
    expect(unfinished(roots)).toEqual([]);
  });

  test("sees variables, arguments, the user, the folder; the shell's, a list's and a document's command", async () => {
    const roots = temporaryRoots();
    const dockerfile = `ARG G=global
FROM base
ARG G
ARG X=default N
ENV E="$X \${N:-none}" PATH=/bin:$PATH
RUN echo $G $X $E
USER nobody:tty
WORKDIR /tmp/w
WORKDIR v
RUN ["sh", "-c", "echo $(pwd) $(id -un):$(id -gn) $HOME"]
USER 0
SHELL ["/bin/sh", "-ec"]
RUN <<EOF
echo one
echo two
EOF
RUN <<EOF cat - > /dev/stdout
three $X
EOF
RUN <<EOF
#!/bin/cat
four
EOF`;
    const { output, image } = await build(roots, { Dockerfile: dockerfile }, args({ X: "given" }));
    expect(output.split("\n")).toEqual([
      "global given given none",
      "/tmp/w/v nobody:tty /nonexistent",
      "one",
      "two",
      "three given",
      "#!/bin/cat",
      "four",
      "",
    ]);
    expect(image.config.config).toMatchObject({ WorkingDir: "/tmp/w/v", User: "0", Shell: ["/bin/sh", "-ec"] });
  });

  test("has no network where none is wanted, and mounts that leave no trace", async () => {
    const roots = temporaryRoots();
    const dockerfile = `FROM base AS other
RUN mkdir /o; echo stage > /o/f
FROM base
RUN --network=none ls /sys/class/net
RUN --mount=target=/ctx --mount=from=other,source=/o,target=/o,rw --mount=type=tmpfs,target=/t,size=1m \\
  --mount=type=cache,target=/c,mode=0750,uid=7 --mount=type=secret,id=s,mode=0440 --mount=type=secret,id=s,env=S \\
  --mount=from=other,source=/o/f,target=/file <<EOF
cat /ctx/f /o/f /file; echo new > /o/g; touch /t/x; echo again >> /c/log; stat -c %a:%u /c
cat /run/secrets/s; echo " $S"; stat -c %a /run/secrets/s; touch /ctx/no 2>&1 | grep -o Read-only
EOF
RUN --mount=type=cache,target=/c cat /c/log; ls -d /o /t /c /ctx /file /run/secrets 2>/dev/null; true`;
    const secrets = new Map([["s", { source: { value: "hush" } }]]);
    const { output } = await build(roots, { Dockerfile: dockerfile, f: "context\n" }, { secrets });
    expect(output).toBe("lo\ncontext\nstage\nstage\n750:7\nhush hush\n440\nRead-only\nagain\n/c\n");
  });

  test("has the network that the build is given, unless it asks for one itself", async () => {
    const ls = "ls /sys/class/net | grep -vc '^lo$' || true";
    const files = { Dockerfile: `FROM base\nRUN ${ls}` };
    expect((await build(temporaryRoots(), files, { network: "none" })).output).toBe("0\n");
  });

  test("that fails is shown with its last words, its line and its code, and leaves nothing", async () => {
    const roots = temporaryRoots();
    const failing = build(roots, { Dockerfile: "FROM base\nRUN echo before; exit 3\nRUN never" });
    const error = await failing.then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error.message).toBe('process "/bin/sh -c echo before; exit 3" did not complete successfully: exit code: 3');
    expect(error.told.find(({ kind }: { kind: string }) => kind === "failed")).toMatchObject({
      tail: "before",
      excerpt: expect.stringContaining("   2 | >>> RUN echo before; exit 3"),
    });
    expect(unfinished(roots)).toEqual([]);
  });

  test("ends with a signal as with 128 and its number; a command that is not there with 127", async () => {
    const roots = temporaryRoots();
    await expect(build(roots, { Dockerfile: "FROM base\nRUN sh -c 'kill -9 $$'; exit $?" })).rejects.toThrow(
      "exit code: 137",
    );
    await expect(build(roots, { Dockerfile: 'FROM base\nRUN ["nope"]' })).rejects.toThrow("executable file not found");
  });
});

describe("COPY", needs("root", "overlay"), () => {
  const tree = [folder("n"), folder("n/e"), at("n/e/y.txt"), at("n/e/z.md"), at("n/x.txt")];

  test.each<[string, string, string[]]>([
    ["a file, under another name", "COPY a.txt /n", [at("n")]],
    ["a file, into a folder that is made", "COPY a.txt /n/m/", [folder("n"), folder("n/m"), at("n/m/a.txt")]],
    [
      "files, into a folder that is there",
      "WORKDIR /n\nCOPY a.txt .\nCOPY b.txt /n",
      [folder("n"), at("n/a.txt"), at("n/b.txt")],
    ],
    ["what is in a folder", "COPY d /n", tree],
    ["what is in a folder, into one that is there", "WORKDIR /n\nCOPY d/ /n", tree],
    [
      "what a pattern matches",
      "COPY *.txt nope*/x d/?/*.md /n/",
      [folder("n"), at("n/a.txt"), at("n/b.txt"), at("n/z.md")],
    ],
    [
      "with owner and mode",
      "COPY --chown=3:4 --chmod=600 a.txt /n/",
      [at("n", "d0755 3:4"), at("n/a.txt", "f0600 3:4")],
    ],
    [
      "with a number for user and group",
      "COPY --chown=5 --chmod=u=rwX,go= d/e /n",
      [at("n", "d0755 5:5"), at("n/y.txt", "f0600 5:5"), at("n/z.md", "f0600 5:5")],
    ],
    [
      "without what is excluded",
      "COPY --exclude=**/*.md --exclude=x.txt d /n",
      [folder("n"), folder("n/e"), at("n/e/y.txt")],
    ],
    [
      "with its parents",
      "COPY --parents d/e/y.txt d/./e/z.md /n/",
      [folder("n"), folder("n/d"), folder("n/d/e"), at("n/d/e/y.txt"), folder("n/e"), at("n/e/z.md")],
    ],
    ["names in JSON, and above the root", 'COPY ["../../a.txt", "/n"]', [at("n")]],
    ["what is written out", "COPY <<A <<B /n/\na\nA\nb\nB", [folder("n"), at("n/A"), at("n/B")]],
    ["onto something of its own", "COPY --link d/e/z.md /l/", [folder("l"), at("l/z.md")]],
  ])("takes %s", async (_, dockerfile, expected) => {
    expect(await copied(dockerfile)).toEqual(expected);
  });

  test("gives everybody an image's first folder to enter, whatever our umask is", async () => {
    const roots = temporaryRoots();
    const before = process.umask(0o077);
    const built = await build(roots, { f: "", Dockerfile: "FROM scratch\nCOPY f /g/f" }).finally(() =>
      process.umask(before),
    );
    expect(shell(await treeOf(roots, built), "stat -c %a . g g/f")).toBe("755\n755\n600");
  });

  test("knows users by the image's own names", async () => {
    const roots = temporaryRoots();
    const text = "FROM base\nCOPY --chown=nobody:tty f /f\nCOPY --chown=nobody f /g";
    const built = await build(roots, { f: "", Dockerfile: text });
    expect(shell(await treeOf(roots, built), "stat -c %u:%g f g")).toBe("65534:5\n65534:65534");
    const unknown = build(roots, { f: "", Dockerfile: "FROM base\nCOPY --chown=whoever f /f" });
    await expect(unknown).rejects.toThrow("unable to find user whoever");
  });

  test("keeps times, links and hard links", async () => {
    const roots = temporaryRoots();
    const text = "FROM base AS a\nCOPY d /d\nFROM scratch\nCOPY --from=a /d /e/\nCOPY --from=a /d/f /d/l /g/";
    const context = contextOf({ "d/f": "f", Dockerfile: text });
    shell(context, "ln d/f d/g; ln -s f d/l; touch -d @1500000000 d/f");
    const seen = "stat -c '%n %F %h %Y' e/f e/g; readlink e/l; stat -c %F g/l";
    expect(shell(await treeOf(roots, await build(roots, context)), seen)).toBe(
      "e/f regular file 2 1500000000\ne/g regular file 2 1500000000\nf\nregular file",
    );
  });

  test("makes parents as they are in the source: mode, and of a stage their owner", async () => {
    const roots = temporaryRoots();
    const text = `FROM base AS a
RUN mkdir -p /p/q && touch /p/q/f && chmod 700 /p && chmod 1777 /p/q && chown 7:8 /p
FROM scratch
COPY --parents c/d/f /
COPY --from=a --parents /p/q/f /from/
COPY --from=a --parents --chown=5 /p/q/f /given/
COPY --parents c/./d /whole/`;
    const context = contextOf({ "c/d/f": "", Dockerfile: text });
    shell(context, "chmod 750 c; chmod 705 c/d");
    const tree = await treeOf(roots, await build(roots, context));
    expect(
      shell(tree, "stat -c '%n %a %u:%g' c c/d from from/p from/p/q given/p whole/d whole/d/f").split("\n"),
    ).toEqual([
      "c 750 0:0",
      "c/d 705 0:0",
      "from 755 0:0",
      "from/p 700 7:8",
      "from/p/q 1777 0:0",
      "given/p 700 5:5",
      "whole/d 705 0:0",
      "whole/d/f 644 0:0",
    ]);
    shell(context, "chmod 755 c");
    expect((await build(roots, context)).made[0]).toContain("c/d/f");
  });

  test("leaves out what .dockerignore names, except what it takes back", async () => {
    const dockerfile = "COPY . /n/";
    const ignore = { ".dockerignore": "d\n*.txt\nDockerfile\n.dockerignore\n" };
    expect(await copied(dockerfile, { ...FILES, ...ignore })).toEqual([folder("n")]);
    const back = { ".dockerignore": "*\n!d/e/y.txt" };
    const expected = [folder("n"), folder("n/d"), folder("n/d/e"), at("n/d/e/y.txt")];
    expect(await copied(dockerfile, { ...FILES, ...back })).toEqual(expected);
    const own = { "Dockerfile.dockerignore": "*\n!a.txt", ".dockerignore": "" };
    expect(await copied(dockerfile, { ...FILES, ...own })).toEqual([folder("n"), at("n/a.txt")]);
    await expect(copied("COPY a.txt /", { ...FILES, ".dockerignore": "a*" })).rejects.toThrow('"/a.txt": not found');
  });

  test("never takes a file of the host, nor writes one, whatever links there are", async () => {
    const roots = temporaryRoots();
    const outside = contextOf({ secret: "host", "target/": "" });
    const context = contextOf({ f: "f", Dockerfile: "FROM base\nCOPY l /l\n" });
    symlinkSync(join(outside, "secret"), join(context, "l"));
    await expect(build(roots, context)).rejects.toThrow("not found");
    symlinkSync("../../../../../../../../../etc", join(context, "up"));
    writeFileSync(join(context, "Dockerfile"), "FROM base\nCOPY up/passwd /p");
    await expect(build(roots, context)).rejects.toThrow("not found");
    const links = `RUN mkdir -p ${outside}/target; ln -s ${outside}/target /out; ln -s ../../../..${outside}/target /up`;
    writeFileSync(join(context, "Dockerfile"), `FROM base\n${links}\nCOPY f /out/f\nCOPY f /up/g`);
    const tree = await treeOf(roots, await build(roots, context));
    expect(["f", "g"].map((name) => existsSync(join(outside, "target", name)))).toEqual([false, false]);
    expect(["f", "g"].map((name) => existsSync(join(tree, outside, "target", name)))).toEqual([true, true]);
  });

  test.each([
    ["COPY a.txt b.txt /n", "more than one source"],
    ["COPY nope /n", '"/nope": not found'],
    ["COPY --from=nobody-has-this a /n", "Unable to find image"],
    ["COPY --chmod=rwx a.txt /n", "invalid chmod parameter"],
    ["COPY a.txt /n\nCOPY d /n", "non-directory"],
    ["COPY http://127.0.0.1/ /n", "URL"],
  ])("%s is a mistake", async (dockerfile, problem) => {
    await expect(copied(dockerfile)).rejects.toThrow(problem);
  });
});

describe("ADD", needs("root", "overlay"), () => {
  const archive = tarOf([
    { name: "in/f", content: "inside", uid: 7, mode: 0o640 },
    { name: "in/h", type: "1", link: "in/f" },
  ]);

  test("unpacks archives, whatever they are called, and COPY doesn't", async () => {
    const files = { "x.bin": gzipSync(archive), "y.gz": gzipSync("no archive") };
    const inside = [at("n/in/f", "f0640 7:0"), at("n/in/h", "f0640 7:0")];
    const expected = [folder("n"), folder("n/in"), ...inside, at("n/y.gz"), at("x.bin")];
    expect(await copied("ADD x.bin y.gz /n/\nCOPY x.bin /", files)).toEqual(expected);
  });

  test("leaves what is in an archive its owners and modes, as BuildKit and buildah do", async () => {
    const inside = [at("n/in/f", "f0640 7:0"), at("n/in/h", "f0640 7:0")];
    const expected = [at("n", "d0755 9:9"), folder("n/in"), ...inside, at("n/plain", "f0600 9:9")];
    const files = { "x.tar": archive, plain: "no archive" };
    expect(await copied("ADD --chown=9:9 --chmod=600 x.tar plain /n/", files)).toEqual(expected);
  });

  test("fetches a URL, and takes it only if it is what it should be", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/gone" ? 404 : 200;
      response.end("fetched");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const right = `sha256:${shell("/", "printf fetched | sha256sum | cut -d' ' -f1")}`;
    const wrong = `sha256:${"0".repeat(64)}`;
    const fetched = [folder("n"), at("n/file.txt", "f0600 0:0")];
    expect(await copied(`ADD ${url}/a/file.txt /n/`)).toEqual(fetched);
    expect(await copied(`ADD --checksum=${right} ${url}/a/file.txt /n/`)).toEqual(fetched);
    await expect(copied(`ADD --checksum=${wrong} ${url}/f /n`)).rejects.toThrow("digest mismatch");
    await expect(copied(`ADD ${url}/gone /n`)).rejects.toThrow("404");
    await expect(copied(`ADD ${url}/x.git /n`)).rejects.toThrow("git");
  });
});

describe("the cache", needs("root", "overlay"), () => {
  const dockerfile = "FROM base\nCOPY d /d\nRUN cat /d/f > /copy\nENV A=1\nRUN echo last";

  test("knows files by what is in them, not by when they were written", async () => {
    const roots = temporaryRoots();
    const context = contextOf({ "d/f": "1", Dockerfile: dockerfile });
    const first = await build(roots, context);
    utimesSync(join(context, "d/f"), 1, 1);
    const touched = await build(roots, context);
    expect([touched.made, touched.cached.length, touched.id]).toEqual([[], 3, first.id]);
    chmodSync(join(context, "d/f"), 0o600);
    expect((await build(roots, context)).made).toHaveLength(3);
    chmodSync(join(context, "d/f"), 0o644);
    writeFileSync(join(context, "d/f"), "2");
    expect((await build(roots, context)).made).toHaveLength(3);
    writeFileSync(join(context, "d/f"), "1");
    expect((await build(roots, context)).id).toBe(first.id);
  });

  test("minds what a step can see, and nothing else", async () => {
    const roots = temporaryRoots();
    const of = (text: string, asked = {}) => build(roots, { Dockerfile: text }, asked);
    expect((await of("FROM base\nARG X\nRUN echo $X")).made).toHaveLength(1);
    expect((await of("FROM base\nARG X\nLABEL a=b\nEXPOSE 80\nCMD x\nRUN echo $X")).cached).toHaveLength(1);
    expect((await of("FROM base\nARG X\nRUN echo $X", args({ X: "1" }))).made).toHaveLength(1);
    expect((await of("FROM base\nENV Y=1\nARG X\nRUN echo $X")).made).toHaveLength(1);
    expect((await of("FROM base\nARG X\nUSER nobody\nRUN echo $X")).made).toHaveLength(1);
    expect((await of("FROM base\nARG X\nRUN echo $X", { noCache: true })).made).toHaveLength(1);
    expect((await of("FROM base\nARG X\nRUN echo $X", args({ HTTP_PROXY: "x" }))).cached).toHaveLength(1);
  });

  test("knows the files of a stage again that had to be made anew, if they are the same", async () => {
    const roots = temporaryRoots();
    const text = (word: string) =>
      `FROM base AS a\nRUN echo ${word}; echo same > /f\nFROM base\nCOPY --from=a /f /f\nRUN cat /f`;
    await build(roots, { Dockerfile: text("one") });
    const second = await build(roots, { Dockerfile: text("two") });
    expect([second.made.length, second.cached.length]).toEqual([1, 2]);
  });

  test("survives that its layers are gone, unpacked or not", async () => {
    const roots = temporaryRoots();
    const context = contextOf({ "d/f": "1", Dockerfile: dockerfile });
    const first = await build(roots, context);
    removeTree(join(roots.root, "layers"));
    writeFileSync(join(context, "Dockerfile"), `${dockerfile}\nRUN cat /copy`);
    expect((await build(roots, context)).output).toBe("1");
    removeTree(join(roots.root, "images/blobs/sha256", first.image.layers[1]!.digest.slice(7)));
    expect((await build(roots, { "d/f": "1", Dockerfile: dockerfile })).cached).toHaveLength(2);
  });

  test("keeps what no image has, until it is told to forget", async () => {
    const roots = temporaryRoots();
    const files = { Dockerfile: "FROM base AS a\nRUN echo x > /f\nFROM scratch\nCOPY --from=a /f /f" };
    const { digest } = await build(roots, files, { tags: ["gone"] });
    removeImage(roots.root, "gone", () => undefined);
    expect(readIndex(roots.root).some((entry) => entry.digest === digest)).toBe(false);
    expect((await build(roots, files)).made).toEqual([]);
    removeImage(roots.root, digest, () => undefined);
    expect(pruneBuilds(roots)).toBeGreaterThan(1024);
    expect((await build(roots, files)).cached).toEqual([]);
  });

  test("is not needed to get the same digest, if the time is given", async () => {
    const text = "FROM base\nCOPY d /d\nRUN echo x > /x; mkdir /y; ln /x /y/z\nWORKDIR /new\nLABEL a=b";
    const context = contextOf({ "d/f": "1", Dockerfile: text });
    const [one, other] = [temporaryRoots(), temporaryRoots()];
    const { image, digest } = await build(one, context, { epoch: 1_600_000_000 });
    expect((await build(other, context, { epoch: 1_600_000_000 })).digest).toBe(digest);
    expect(image.config.created).toBe("2020-09-13T12:26:40.000Z");
  });
});

describe("stages", needs("root", "overlay"), () => {
  test("that nobody needs are not built, nor more than the target", async () => {
    const roots = temporaryRoots();
    const unneeded = "FROM base AS unneeded\nRUN exit 1";
    const text = `FROM base AS a\nRUN echo a\n${unneeded}\nFROM a AS c\nRUN echo c\nFROM base\nRUN exit 2`;
    const { output } = await build(roots, { Dockerfile: text }, { target: "c" });
    expect(output).toBe("a\nc\n");
    await expect(build(roots, { Dockerfile: text }, { target: "d" })).rejects.toThrow("could not be found");
  });

  test("that don't need each other are built at the same time", async () => {
    const roots = temporaryRoots();
    // Each waits for a file that the other one makes.
    const wait = (mine: string, other: string) =>
      `RUN --mount=type=cache,target=/c touch /c/${mine}; for i in $(seq 200); do [ -e /c/${other} ] && exit; sleep 0.1; done; exit 1`;
    const copies = "FROM scratch\nCOPY --from=a /bin/sh /a\nCOPY --from=1 /bin/sh /b";
    const text = `FROM base AS a\n${wait("a", "b")}\nFROM base AS b\n${wait("b", "a")}\n${copies}`;
    expect((await build(roots, { Dockerfile: text })).made).toHaveLength(4);
  });

  test("end together when one of them fails", async () => {
    const roots = temporaryRoots();
    const both = "FROM base AS a\nRUN sleep 1000\nFROM base AS b\nRUN sleep 0.2; exit 5\nFROM scratch";
    const text = `${both}\nCOPY --from=a / /\nCOPY --from=b / /`;
    await expect(build(roots, { Dockerfile: text })).rejects.toThrow("exit code: 5");
    expect(unfinished(roots)).toEqual([]);
  });
});

describe("the image", needs("root", "overlay"), () => {
  test("says what the Dockerfile says of it", async () => {
    const roots = temporaryRoots();
    const text = `FROM scratch
MAINTAINER me
LABEL a="1 2" b=3
ENV A=1 B="x y"
ENV A=2
EXPOSE 80 443/udp 7000-7001
VOLUME /v ["x"]
VOLUME ["/w w"]
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=5s --retries=2 CMD true
USER 5:6
CMD ["old"]
ENTRYPOINT run it
ONBUILD RUN x`;
    const { image } = await build(roots, { Dockerfile: text }, { labels: { c: "4" } });
    expect(image.config.author).toBe("me");
    expect(image.config.config).toEqual({
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=2", "B=x y"],
      WorkingDir: "/",
      Labels: { a: "1 2", b: "3", c: "4" },
      ExposedPorts: { "443/udp": {}, "7000/tcp": {}, "7001/tcp": {}, "80/tcp": {} },
      Volumes: { "/v": {}, "/w w": {}, "[x]": {} },
      StopSignal: "SIGQUIT",
      Healthcheck: { Test: ["CMD-SHELL", "true"], Interval: 5e9, Retries: 2 },
      User: "5:6",
      Cmd: ["old"],
      Entrypoint: ["/bin/sh", "-c", "run it"],
      OnBuild: ["RUN x"],
    });
  });

  test("forgets the base's CMD when it gets an ENTRYPOINT, and carries out what the base has for it", async () => {
    const roots = temporaryRoots();
    const trigger = "FROM base\nCMD a\nONBUILD COPY f /f\nONBUILD ENV F=1";
    await build(roots, { Dockerfile: trigger }, { tags: ["trigger"] });
    const { image, made } = await build(roots, { f: "f", Dockerfile: "FROM trigger\nENTRYPOINT b" });
    const { Cmd, OnBuild, Env } = image.config.config!;
    expect([made.length, Cmd, OnBuild, Env?.at(-1)]).toEqual([1, undefined, undefined, "F=1"]);
  });

  test("is read by other programs in place", needs("program:skopeo"), async () => {
    const roots = temporaryRoots();
    await build(roots, { Dockerfile: "FROM base\nRUN echo x > /x" }, { tags: ["app:1", "other"] });
    const names = ["app:1", "other:latest"].map((name) => `oci:${roots.root}/images:docker.io/library/${name}`);
    const digests = names.map((name) => shell("/", `skopeo inspect --format '{{.Digest}}' ${name}`));
    expect(digests[0]).toBe(digests[1]);
  });
});

describe("the context", needs("root", "overlay"), () => {
  const stdin = async function* (bytes: Buffer | string) {
    yield Buffer.from(bytes);
  };

  test("may be an archive from standard input, with the Dockerfile wherever it is", async () => {
    const roots = temporaryRoots();
    const archive = tarOf([
      { name: "x/Dockerfile", content: "FROM base\nCOPY f /f\nRUN cat /f" },
      { name: "f", content: "from the archive" },
    ]);
    const packed = await build(roots, "-", { stdin: stdin(gzipSync(archive)), dockerfile: "x/Dockerfile" });
    expect(packed.output).toBe("from the archive");
    const alone = await build(roots, "-", { stdin: stdin("FROM base\nRUN echo alone") });
    expect(alone.output).toBe("alone\n");
    const typed = stdin("FROM base\nCOPY f /\nRUN cat f");
    expect((await build(roots, { f: "f" }, { dockerfile: "-", stdin: typed })).output).toBe("f");
  });

  test("has to be there, with a Dockerfile in it that says something", async () => {
    await expect(build(temporaryRoots(), "/nowhere/at/all")).rejects.toThrow("not found");
    await expect(build(temporaryRoots(), { "x/": "" })).rejects.toThrow("failed to read dockerfile");
    await expect(build(temporaryRoots(), { Dockerfile: " \n" })).rejects.toThrow("cannot be empty");
  });
});

test("a build-arg that nobody asked for is told", needs("root", "overlay"), async () => {
  const asked = args({ A: "1", B: "2" });
  const { warnings } = await build(temporaryRoots(), { Dockerfile: "FROM base\nARG A" }, asked);
  expect(warnings).toEqual(["One or more build-args [B] were not consumed"]);
});
