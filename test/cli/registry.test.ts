import { type ChildProcessWithoutNullStreams, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashSync } from "bcryptjs";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { addressOf, warningsOf } from "../../src/cli/flags/registry-address.ts";
import { makeLayout, tarOf } from "../06-images/archives.ts";
import { cliForTests, ended, printed } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
const student = cliForTests();
const folder = mkdtempSync(join(tmpdir(), "registry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  child: ChildProcessWithoutNullStreams;
  /** `127.0.0.1:41234` */
  address: string;
}

async function serve(...flags: string[]): Promise<Running> {
  const child = md.begin("registry", "serve", "--addr", "127.0.0.1:0", ...flags);
  onTestFinished(() => void child.kill("SIGKILL"));
  const text = await printed(child, /\n/);
  return { child, address: /https?:\/\/(\S+)/.exec(text)![1]! };
}

/** With an image, app:v1. */
async function serveApp(...flags: string[]): Promise<Running> {
  md.ok("load", "-i", makeLayout([tarOf([{ name: "hello", content: "1" }])], { name: "localhost/app:v1" }).directory);
  return serve(...flags);
}

describe("registry serve", () => {
  test("says where it is, tells each request on a line, and ends with Ctrl-C", async () => {
    const { child, address } = await serve();
    const told = ended(child);
    for (const path of ["_catalog", "x%1B[2J/manifests/v1"]) await fetch(`http://${address}/v2/${path}`);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await told;
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^127\.0\.0\.1 GET \/v2\/_catalog: 200 OK, \d+B out$/),
      expect.stringMatching(/^127\.0\.0\.1 GET \/v2\/x%1B\[2J\/manifests\/v1: 400 Bad Request, \d+B out$/),
      "",
    ]);
  });

  test.each([
    [["--addr", "somewhere"], 'invalid value "somewhere" for --addr: it is HOST:PORT, such as 127.0.0.1:5000'],
    [["--addr", "127.0.0.1:99999"], 'invalid value "127.0.0.1:99999" for --addr: it is HOST:PORT'],
    [["--tls-cert", "/dev/null"], "--tls-cert and --tls-key need each other"],
    [["--tls-cert", "/nowhere", "--tls-key", "/nowhere"], "open /nowhere: no such file or directory"],
    [["--tls-cert", "/dev/null", "--tls-key", "/dev/null"], "cannot use the certificate and its key"],
    [["--htpasswd", "/nowhere"], "/nowhere: no such file or directory"],
    [["--htpasswd", "/etc/hostname"], "/etc/hostname:1: this is no name with a password that we can check"],
    [["extra"], "'mini-docker registry serve' accepts no arguments"],
  ])("refuses %j in one line", (flags, message) => {
    const { code, stdout, stderr } = md.call("registry", "serve", "--addr", "127.0.0.1:0", ...flags);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("this is a bug");
  });

  test("refuses an address that somebody has", async () => {
    const { address } = await serve();
    const { code, stderr } = md.call("registry", "serve", "--addr", address);
    expect([code, stderr]).toEqual([1, `mini-docker: listen tcp ${address}: bind: address already in use\n`]);
  });
});

test.each([
  ["127.0.0.1:5000", "127.0.0.1", 5000],
  ["localhost:80", "localhost", 80],
  ["[::1]:5000", "::1", 5000],
  [":5000", "", 5000],
])("--addr %s", (text, host, port) => {
  expect(addressOf(text)).toEqual({ host, port });
});

describe("a warning is due", () => {
  const port = 5000;
  const tls = { cert: Buffer.alloc(0), key: Buffer.alloc(0) };

  test("where others reach a registry that asks nobody", () => {
    for (const host of ["", "0.0.0.0", "::", "192.0.2.1", "laptop"]) {
      expect(warningsOf({ host, port }, "U")).toEqual([
        "everybody who can reach U may pull, push and delete every image; --htpasswd FILE asks who they are",
      ]);
      expect(warningsOf({ host, port, tls, readOnly: true }, "U")).toEqual([
        "everybody who can reach U may pull every image; --htpasswd FILE asks who they are",
      ]);
    }
  });

  test("where passwords can be read on their way", () => {
    expect(warningsOf({ host: "", port, htpasswd: "x" }, "U")).toEqual([
      "passwords and images go over the network for all to read; --tls-cert FILE --tls-key FILE encrypts them",
    ]);
  });

  test("and else none", () => {
    expect(warningsOf({ host: "", port, htpasswd: "x", tls }, "U")).toEqual([]);
    for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) {
      expect(warningsOf({ host, port }, "U")).toEqual([]);
    }
  });
});

test("a student pulls from the teacher, gives it a name, and hands it in", async () => {
  const { address } = await serveApp();
  student.ok("pull", "-q", `${address}/app:v1`);
  student.ok("tag", `${address}/app:v1`, `${address}/handed-in/anna:1`);
  student.ok("push", "-q", `${address}/handed-in/anna:1`);
  const ids = (cli: typeof md, name: string) => cli.ok("images", "-q", "--no-trunc", name);
  expect(ids(md, "localhost/handed-in/anna")).toBe(ids(md, "localhost/app"));
  expect(ids(student, `${address}/app`)).toBe(ids(md, "localhost/app"));
});

describe("skopeo", needs("program:skopeo"), () => {
  function skopeo(...argv: string[]): string {
    const { status, stdout, stderr } = spawnSync("skopeo", ["--insecure-policy", ...argv], { encoding: "utf8" });
    if (status !== 0) throw new Error(`skopeo ${argv.join(" ")}: ${stderr}`);
    return stdout;
  }

  const PLAIN = ["-q", "--src-tls-verify=false", "--dest-tls-verify=false"];
  const rawOf = (image: string) => skopeo("inspect", "--raw", "--tls-verify=false", image);
  const digestOf = (image: string) => `sha256:${createHash("sha256").update(rawOf(image)).digest("hex")}`;

  test("pulls what images lists, with the digest it has here", async () => {
    const { address } = await serveApp();
    skopeo("copy", ...PLAIN, "--preserve-digests", `docker://${address}/app:v1`, `oci:${folder}/pulled:v1`);
    const digest = md.ok("images", "--digests", "--format", "{{.Digest}}", "localhost/app");
    expect(digestOf(`docker://${address}/app:v1`)).toBe(digest);
    expect(digestOf(`oci:${folder}/pulled:v1`)).toBe(digest);
  });

  test.each([
    ["OCI", []],
    ["v2s2", ["--format", "v2s2"]],
    ["gzip", ["--dest-compress", "--dest-compress-format", "gzip"]],
    ["zstd", ["--dest-compress", "--dest-compress-format", "zstd"]],
  ])("pushes %s, and it is an image here, with the digest it has there", async (kind, flags) => {
    const { address } = await serveApp();
    const local = `dir:${folder}/${kind}`;
    skopeo("copy", ...PLAIN, ...flags, `docker://${address}/app:v1`, local);
    const there = `docker://${address}/from/skopeo:${kind}`;
    skopeo("copy", ...PLAIN, "--preserve-digests", local, there);
    expect(digestOf(there)).toBe(digestOf(local));
    const name = `localhost/from/skopeo:${kind}`;
    const [image] = JSON.parse(md.ok("image", "inspect", `from/skopeo:${kind}`)) as [
      { RepoTags: string[]; RootFS: { Layers: string[] } },
    ];
    expect(image.RepoTags).toContain(name);
    const layers = JSON.parse(rawOf(there)) as { layers: { mediaType: string }[] };
    if (kind === "zstd" || kind === "gzip") expect(layers.layers[0]!.mediaType).toContain(kind);
    const config = JSON.parse(skopeo("inspect", "--config", "--tls-verify=false", there));
    expect(config.rootfs.diff_ids).toEqual(image.RootFS.Layers);
  });

  test("pushes and pulls an index with all its platforms, and one of them", async () => {
    const { address } = await serveApp();
    const layout = join(folder, "multi");
    const manifests = ["amd64", "arm64"].map((architecture) => {
      const { directory } = makeLayout([tarOf([{ name: architecture }])], { config: { architecture } });
      skopeo("copy", "-q", `oci:${directory}:latest`, `oci:${layout}:${architecture}`);
      const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: object[] };
      return { ...manifests.at(-1), annotations: undefined, platform: { os: "linux", architecture } };
    });
    const index = JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests });
    const digest = createHash("sha256").update(index).digest("hex");
    writeFileSync(join(layout, "blobs/sha256", digest), index);
    const entry = {
      mediaType: "application/vnd.oci.image.index.v1+json",
      digest: `sha256:${digest}`,
      size: index.length,
    };
    const annotations = { "org.opencontainers.image.ref.name": "all" };
    writeFileSync(
      join(layout, "index.json"),
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...entry, annotations }] }),
    );

    skopeo("copy", ...PLAIN, "--all", `oci:${layout}:all`, `docker://${address}/multi:1`);
    expect(digestOf(`docker://${address}/multi:1`)).toBe(`sha256:${digest}`);
    mkdirSync(join(folder, "back"));
    skopeo("copy", ...PLAIN, "--all", `docker://${address}/multi:1`, `oci:${folder}/back/all:1`);
    expect(digestOf(`oci:${folder}/back/all:1`)).toBe(`sha256:${digest}`);
    skopeo("--override-arch", "arm64", "copy", ...PLAIN, `docker://${address}/multi:1`, `oci:${folder}/back/one:1`);
    expect(JSON.parse(skopeo("inspect", "--config", `oci:${folder}/back/one:1`))).toMatchObject({
      architecture: "arm64",
    });
    expect(md.ok("images", "multi", "--format", "{{.Tag}}")).toBe("1");
  });

  test("lists, and deletes", async () => {
    const { address } = await serveApp();
    skopeo("copy", ...PLAIN, `docker://${address}/app:v1`, `docker://${address}/gone:1`);
    expect(JSON.parse(skopeo("list-tags", "--tls-verify=false", `docker://${address}/gone`))).toMatchObject({
      Tags: ["1"],
    });
    skopeo("delete", "--tls-verify=false", `docker://${address}/gone:1`);
    expect(md.call("image", "inspect", "localhost/gone:1").code).toBe(1);
    expect(md.call("image", "inspect", "localhost/app:v1").code).toBe(0);
  });

  test("says who it is, over TLS", needs("program:openssl"), async () => {
    const [key, cert, users] = ["tls.key", "ca.crt", "users"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const what = ["-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=127.0.0.1"];
    const where = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", ...what, ...where], { stdio: "pipe" });
    writeFileSync(users, `anna:${hashSync("geheim", 5)}\n`);
    const { address } = await serveApp("--tls-cert", cert, "--tls-key", key, "--htpasswd", users);
    const certs = join(folder, "certs");
    mkdirSync(certs);
    writeFileSync(join(certs, "ca.crt"), readFileSync(cert));
    const [from, to] = [`docker://${address}/app:v1`, `docker://${address}/secret:1`];
    const flags = ["-q", "--src-cert-dir", certs, "--dest-cert-dir", certs, "--src-creds", "anna:geheim"];
    skopeo("copy", ...flags, "--dest-creds", "anna:geheim", from, to);
    expect(md.call("image", "inspect", "localhost/secret:1").code).toBe(0);
    expect(() => skopeo("copy", ...flags, "--dest-creds", "anna:falsch", from, to)).toThrow(
      /authentication required|unauthorized/,
    );
  });
});
