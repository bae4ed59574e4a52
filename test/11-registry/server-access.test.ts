import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { hashSync } from "bcryptjs";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../06-images/archives.ts";
import { needs } from "../support/needs.ts";
import { certificate } from "./certificate.ts";
import { type Served, served } from "./served.ts";

/** A file of htpasswd's, with lowest cost. */
function htpasswd(...lines: string[]): string {
  const path = join(temporaryFolder(), "htpasswd");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

const ANNA = `anna:${hashSync("geheim:1", 4).replace("$2b", "$2y")}`;
// What `htpasswd -s` writes for "password".
const BEN = "ben:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=";

const basic = (user: string) => `Basic ${Buffer.from(user).toString("base64")}`;
const statusFor = async ({ ask }: Served, authorization: string) =>
  (await ask("GET", "/v2/", { headers: { authorization } })).status;

describe("a registry that asks who one is", () => {
  test("says so, to everybody and about everything", async () => {
    const { ask } = await served({ htpasswd: htpasswd(ANNA) });
    for (const [method, path] of [
      ["GET", "/v2/"],
      ["GET", "/v2/_catalog"],
      ["POST", "/v2/app/blobs/uploads/"],
      ["GET", "/"],
    ]) {
      const answer = await ask(method!, path!);
      expect(answer, path).toMatchObject({ status: 401, code: "UNAUTHORIZED" });
      expect(answer.headers["www-authenticate"]).toBe('Basic realm="mini-docker registry"');
    }
  });

  test("lets in whoever has a name and its password, again and again", async () => {
    const registry = await served({ htpasswd: htpasswd("# the class", "", ANNA, BEN) });
    for (const user of ["anna:geheim:1", "ben:password", "anna:geheim:1"]) {
      expect(await statusFor(registry, basic(user)), user).toBe(200);
    }
  });

  test.each([
    "anna:geheim",
    "anna:",
    "Anna:geheim:1",
    "ben:geheim:1",
    "ben:W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    "nobody:x",
    ":",
    "",
  ])("keeps out %j, also after the right one came", async (user) => {
    const registry = await served({ htpasswd: htpasswd(ANNA, BEN) });
    await statusFor(registry, basic("anna:geheim:1"));
    expect(await statusFor(registry, basic(user))).toBe(401);
  });

  test.each(["Bearer geheim", "Basic", "Basic %%%", "anna:geheim:1"])(
    "keeps out what is no name and password: %s",
    async (header) => {
      expect(await statusFor(await served({ htpasswd: htpasswd(ANNA) }), header)).toBe(401);
    },
  );

  test("reads the file again when it was changed, and trusts no password of before", async () => {
    const path = htpasswd(ANNA);
    const registry = await served({ htpasswd: path });
    expect(await statusFor(registry, basic("anna:geheim:1"))).toBe(200);
    writeFileSync(path, `anna:${hashSync("anders", 4)}\n${BEN}\n`);
    expect(await statusFor(registry, basic("anna:geheim:1"))).toBe(401);
    expect(await statusFor(registry, basic("anna:anders"))).toBe(200);
    expect(await statusFor(registry, basic("ben:password"))).toBe(200);
  });

  test.each(["anna:geheim", "anna:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00", "anna", ":x", "anna:$2y$05$short"])(
    "says at once which line it can't check: %s",
    async (line) => {
      const path = htpasswd(BEN, line);
      await expect(served({ htpasswd: path })).rejects.toThrow(
        `${path}:2: this is no name with a password that we can check`,
      );
    },
  );
});

test("a page in a browser changes nothing", async () => {
  const { ask } = await served();
  const headers = { origin: "http://example.org" };
  const denied = { status: 403, code: "DENIED" };
  expect(await ask("POST", "/v2/app/blobs/uploads/", { headers })).toMatchObject(denied);
  expect(await ask("DELETE", "/v2/app/manifests/v1", { headers })).toMatchObject(denied);
  expect((await ask("GET", "/v2/", { headers })).status).toBe(200);
});

describe("a registry that encrypts", () => {
  test("is who its certificate says", needs("program:openssl"), async () => {
    const tls = certificate();
    const { url } = await served({ tls });
    expect(url).toMatch(/^https:/);
    const sending = request(new URL("/v2/", url), { ca: tls.cert, agent: false }).end();
    const [answer] = (await once(sending, "response")) as [IncomingMessage];
    expect([answer.statusCode, String(await buffer(answer))]).toEqual([200, "{}\n"]);
  });

  test("can't with what is no certificate", async () => {
    const tls = { cert: Buffer.from("no"), key: Buffer.from("no") };
    await expect(served({ tls })).rejects.toThrow("cannot use the certificate and its key");
  });
});

test("two can't listen at one address", async () => {
  const { url } = await served();
  const port = Number(new URL(url).port);
  await expect(served({ port })).rejects.toThrow(`listen tcp 127.0.0.1:${port}: bind: address already in use`);
});
