import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cliForTests, PROGRAM } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { type RealRegistry, startRegistry } from "../support/registry.ts";

const md = cliForTests();
const home = mkdtempSync(join(tmpdir(), "home-"));
const config = join(home, "config.json");
const env = { PATH: process.env.PATH, DOCKER_CONFIG: home, XDG_CONFIG_HOME: home, MINI_DOCKER_REGISTRIES: `${home}/r` };
const call = (...argv: string[]) => md.callWith({ env }, ...argv);

afterAll(() => rmSync(home, { recursive: true }));

describe("docker-registry with a password", needs("program:docker-registry", "program:skopeo"), () => {
  let registry: RealRegistry;
  let app: string;

  beforeAll(async () => {
    registry = await startRegistry({ password: true });
    app = `${registry.host}/app:1`;
    md.ok("run", "--rm", "base", "true");
    const store = `oci:${md.root}/images:localhost/base:latest`;
    registry.skopeo("copy", "-q", "--dest-creds", "student:secret", store, `docker://${app}`);
  });
  afterAll(() => registry.close());

  test("lets nobody in who isn't logged in, and says how to be", () => {
    const { code, stderr } = call("pull", app);
    expect(code).toBe(1);
    expect(stderr).toContain(`pull access denied for ${registry.host}/app, repository does not exist or may require`);
    expect(stderr).toContain("Hint: `mini-docker login`");
  });

  test("a wrong password is refused and not kept", () => {
    const said = md.callWith({ env, input: "guess\n" }, "login", "-u", "student", "--password-stdin", registry.host);
    expect(said).toMatchObject({ code: 1, stdout: "" });
    expect(said.stderr).toContain(`login attempt to http://${registry.host}/v2/ failed: unauthorized: `);
    expect(call("logout", registry.host).stdout).toBe(`Not logged in to ${registry.host}\n`);
  });

  test("the right one is kept for us and for others, until logout", () => {
    const said = md.callWith({ env, input: "secret\n" }, "login", "-u", "student", "--password-stdin", registry.host);
    expect(said).toMatchObject({ code: 0, stdout: "Login Succeeded\n" });
    expect(said.stderr).toContain(`stored unencrypted in '${config}'`);
    expect(call("pull", "-q", app)).toMatchObject({ code: 0, stdout: `${app}\n` });
    expect(call("push", "-q", app)).toMatchObject({ code: 0, stdout: `${app}\n` });
    registry.skopeo("inspect", "--authfile", config, `docker://${app}`);

    expect(call("login", registry.host).stdout).toMatch(/existing credentials.*student.*\nLogin Succeeded\n/);
    expect(call("logout", registry.host).stdout).toBe(`Removing login credentials for ${registry.host}\n`);
    expect(JSON.parse(readFileSync(config, "utf8"))).toEqual({ auths: {} });
    expect(call("pull", app).code).toBe(1);
  });

  test("who has logged in with skopeo is known to us", () => {
    const login = ["login", "--tls-verify=false", "--authfile", config, "-u", "student", "-p", "secret", registry.host];
    execFileSync("skopeo", login, { stdio: "ignore" });
    expect(call("pull", "-q", app).code).toBe(0);
    call("logout", registry.host);
  });

  test("search lists what it has", () => {
    md.callWith({ env, input: "secret" }, "login", "-u", "student", "--password-stdin", registry.host);
    expect(call("search", "--format", "{{.Name}}", `${registry.host}/ap`).stdout).toBe("app\n");
    expect(call("search", `${registry.host}/nosuch`).stdout).toMatch(/^NAME +DESCRIPTION +STARS +OFFICIAL\n$/);
    call("logout", registry.host);
  });
});

test.each([
  [["-u", "x", "-p", "y", "--password-stdin"], "cannot specify both --password and --password-stdin"],
  [["--password-stdin"], "requires --username to be set"],
  [["-u", "x"], "cannot perform an interactive login from a non TTY device"],
])("login %j is refused", (flags, message) => {
  expect(call("login", ...flags, "127.0.0.1:1")).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
});

describe("a registry that isn't on loopback, as far as we can see", needs("program:docker-registry"), () => {
  // To the kernel 0.0.0.0 is this machine; to us it is an address like any other.
  const elsewhere = (registry: RealRegistry) => registry.host.replace("127.0.0.1", "0.0.0.0");
  const settings = (content: object) => writeFileSync(env.MINI_DOCKER_REGISTRIES, JSON.stringify(content));

  test("has to speak TLS, unless the settings say otherwise", async () => {
    const registry = await startRegistry();
    const image = `${elsewhere(registry)}/nosuch`;
    const { code, stderr } = call("pull", image);
    expect(code).toBe(1);
    expect(stderr).toContain("http: server gave HTTP response to HTTPS client");
    expect(stderr).toContain("Hint: a registry without TLS has to be named in insecure-registries");
    settings({ "insecure-registries": [elsewhere(registry)] });
    expect(call("pull", image).stderr).toContain(`manifest for ${image}:latest not found`);
    settings({});
    await registry.close();
  });

  test("has to show a certificate of somebody we trust", needs("program:openssl", "program:skopeo"), async () => {
    const registry = await startRegistry({ tls: true });
    const image = `${elsewhere(registry)}/app:1`;
    registry.skopeo("copy", "-q", `oci:${md.root}/images:localhost/base:latest`, `docker://${registry.host}/app:1`);
    const { code, stderr } = call("pull", image);
    expect(code).toBe(1);
    expect(stderr).toContain("x509: certificate signed by unknown authority");
    expect(stderr).toContain("/etc/docker/certs.d/HOST[:PORT]/ca.crt");
    // On loopback anybody's is fine.
    expect(call("pull", "-q", `${registry.host}/app:1`).code).toBe(0);

    const folder = join(home, "docker/certs.d", elsewhere(registry));
    mkdirSync(folder, { recursive: true });
    copyFileSync(registry.authority, join(folder, "ca.crt"));
    expect(call("pull", "-q", image)).toMatchObject({ code: 0, stderr: "" });
    writeFileSync(join(folder, "client.cert"), "");
    expect(call("pull", "-q", image).stderr).toContain("missing key");
    await registry.close();
  });

  test(
    "is trusted on the word of NODE_EXTRA_CA_CERTS, whether Node has read it or not",
    needs("program:openssl", "program:skopeo"),
    async () => {
      const registry = await startRegistry({ tls: true });
      registry.skopeo("copy", "-q", `oci:${md.root}/images:localhost/base:latest`, `docker://${registry.host}/app:1`);
      const more = { ...env, NODE_EXTRA_CA_CERTS: registry.authority };
      const image = `${elsewhere(registry)}/app:1`;
      expect(md.callWith({ env: more }, "pull", "-q", image)).toMatchObject({ code: 0, stderr: "" });
      // As it is typed, the first line of the program keeps it from Node.
      const typed = (...argv: string[]) =>
        execFileSync(PROGRAM, [...md.roots, ...argv], { env: more, encoding: "utf8" });
      expect(typed("pull", "-q", image)).toBe(`${image}\n`);
      const asked = ["run", "--rm", "-e", "NODE_EXTRA_CA_CERTS", "base", "env"];
      expect(
        typed(...asked)
          .split("\n")
          .filter((line) => line.includes("CA_CERTS")),
      ).toEqual([`NODE_EXTRA_CA_CERTS=${registry.authority}`]);
      await registry.close();
    },
  );

  test("may stand in for Docker Hub", needs("program:skopeo"), async () => {
    const registry = await startRegistry();
    const store = `oci:${md.root}/images:localhost/base:latest`;
    registry.skopeo("copy", "-q", store, `docker://${registry.host}/library/nosuch:latest`);
    settings({ "registry-mirrors": ["http://127.0.0.1:1", `http://${elsewhere(registry)}`] });
    expect(call("pull", "nosuch").stdout).toContain("Status: Downloaded newer image for nosuch:latest\n");
    settings({ "registry-mirrors": ["mirror.lan"] });
    expect(call("pull", "nosuch").stderr).toContain("invalid mirror: mirror.lan");
    settings({});
    await registry.close();
  });
});
