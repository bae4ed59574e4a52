import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { eraseCredentials, findCredentials, storeCredentials } from "../../src/11-registry/credentials.ts";
import { HUB_ACCOUNT } from "../../src/11-registry/endpoint.ts";

const student = { username: "student", password: "se:cret" };
const encoded = Buffer.from("student:se:cret").toString("base64");

function configOf(content?: object | string): string {
  const folder = mkdtempSync(join(tmpdir(), "docker-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "config.json");
  if (content !== undefined) writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("config.json", () => {
  test("that isn't there knows nobody; one that is no JSON is a mistake", async () => {
    expect(await findCredentials("x.test", configOf())).toBeUndefined();
    expect(await findCredentials("x.test", configOf({ auths: {} }))).toBeUndefined();
    await expect(findCredentials("x.test", configOf("{"))).rejects.toThrow("config.json is not valid JSON");
  });

  test.each([
    ["a name", { "x.test:5000": { auth: encoded } }, "x.test:5000"],
    ["an address, as old files have it", { "https://x.test:5000/v1/": { auth: encoded } }, "x.test:5000"],
    ["Docker Hub's old address", { [HUB_ACCOUNT]: { auth: encoded } }, HUB_ACCOUNT],
  ])("knows a registry by %s", async (_, auths, account) => {
    expect(await findCredentials(account, configOf({ auths }))).toEqual(student);
  });

  test("knows no registry by a part of its name", async () => {
    const auths = { "x.test": { auth: encoded } };
    expect(await findCredentials("x.test:5000", configOf({ auths }))).toBeUndefined();
    expect(await findCredentials("y.x.test", configOf({ auths }))).toBeUndefined();
  });

  test("may have an identity token", async () => {
    const auths = { "x.test": { auth: encoded, identitytoken: "id" } };
    expect(await findCredentials("x.test", configOf({ auths }))).toMatchObject({ identityToken: "id", password: "" });
  });

  test("is changed as a whole, for its owner's eyes, and keeps what we don't know", async () => {
    const path = configOf({ psFormat: "x", auths: { "y.test": { auth: encoded } } });
    expect(await storeCredentials("x.test", student, path)).toBe(path);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      psFormat: "x",
      auths: { "y.test": { auth: encoded }, "x.test": { auth: encoded } },
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await eraseCredentials("x.test", path)).toBe(true);
    expect(await eraseCredentials("x.test", path)).toBe(false);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ psFormat: "x", auths: { "y.test": { auth: encoded } } });
  });

  test("stays where a link leads", async () => {
    const [real, link] = [configOf({}), configOf()];
    symlinkSync(real, link);
    await storeCredentials("x.test", student, link);
    expect(await findCredentials("x.test", real)).toEqual(student);
  });
});

describe("a credential helper", () => {
  /** Keeps what it is told in a file, as it came. */
  function helper(script: string): string {
    const folder = mkdtempSync(join(tmpdir(), "helper-"));
    const program = join(folder, "docker-credential-test");
    writeFileSync(program, `#!/bin/sh\ncd ${folder}\n${script}\n`);
    chmodSync(program, 0o755);
    const before = process.env.PATH;
    process.env.PATH = [folder, before].join(delimiter);
    onTestFinished(() => {
      process.env.PATH = before;
      rmSync(folder, { recursive: true });
    });
    return folder;
  }

  const KEEPS = `case $1 in
    store) cat > kept ;;
    get) cat > asked; [ -f kept ] && cat kept || { echo "credentials not found in native keychain"; exit 1; } ;;
    erase) rm kept ;;
  esac`;

  test.each([{ credsStore: "test" }, { credHelpers: { "x.test": "test" }, credsStore: "nosuch" }])(
    "keeps what the file doesn't: %j",
    async (config) => {
      const folder = helper(KEEPS);
      const path = configOf(config);
      expect(await findCredentials("x.test", path)).toBeUndefined();
      expect(readFileSync(join(folder, "asked"), "utf8")).toBe("x.test");
      expect(await storeCredentials("x.test", student, path)).toBeUndefined();
      expect(readFileSync(path, "utf8")).not.toContain(encoded);
      expect(JSON.parse(readFileSync(join(folder, "kept"), "utf8"))).toEqual({
        ServerURL: "x.test",
        Username: "student",
        Secret: "se:cret",
      });
      expect(await findCredentials("x.test", path)).toEqual(student);
      expect(await eraseCredentials("x.test", path)).toBe(true);
      expect(await findCredentials("x.test", path)).toBeUndefined();
    },
  );

  test("may have an identity token", async () => {
    helper(KEEPS);
    const path = configOf({ credsStore: "test" });
    await storeCredentials("x.test", { username: "student", password: "", identityToken: "id" }, path);
    expect(await findCredentials("x.test", path)).toEqual({ username: "<token>", password: "", identityToken: "id" });
  });

  test("that fails, or isn't there, says so", async () => {
    helper("echo 'the keychain is locked'; exit 1");
    await expect(findCredentials("x.test", configOf({ credsStore: "test" }))).rejects.toThrow(
      "docker-credential-test get failed: the keychain is locked",
    );
    await expect(findCredentials("x.test", configOf({ credsStore: "nosuch" }))).rejects.toThrow(
      'exec: "docker-credential-nosuch": executable file not found in $PATH',
    );
  });
});
