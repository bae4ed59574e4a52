import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { type Serving, serve } from "../../src/course/playground/serve.ts";
import { readSite } from "../../src/course/playground/site.ts";

interface Asked {
  path?: string;
  host?: string;
  headers?: Record<string, string>;
  method?: string;
}

/** A server with one page, one secret beside its folder, and a socket that says hello. */
async function served() {
  const folder = mkdtempSync(join(tmpdir(), "site-"));
  mkdirSync(join(folder, "page"));
  writeFileSync(join(folder, "page/index.html"), "the page");
  writeFileSync(join(folder, "secret.html"), "a secret");
  const serving = await serve(0, {
    site: readSite(join(folder, "page")),
    text: () => undefined,
    sockets: { "/live": (socket) => socket.send("hello") },
  });
  onTestFinished(async () => {
    await serving.close();
    rmSync(folder, { recursive: true });
  });
  const { host, pathname } = new URL(serving.url);
  return { ...serving, host, token: pathname.split("/")[1]! };
}

async function ask(serving: Serving & { host: string }, { path, host, headers = {}, method = "GET" }: Asked = {}) {
  const url = new URL(serving.url);
  const asked = request({
    host: url.hostname,
    port: url.port,
    method,
    path: path ?? url.pathname,
    headers: { host: host ?? serving.host, ...headers },
  });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const text = (await response.setEncoding("utf8").toArray()).join("");
  return { status: response.statusCode, headers: response.headers, text };
}

/** What came of asking for the socket: its first message, or the status of the refusal. */
function knock(url: string, headers: Record<string, string>): Promise<string> {
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve, reject) => {
    socket.once("message", (message) => {
      resolve(String(message));
      socket.close();
    });
    socket.once("unexpected-response", (_, { statusCode }) => resolve(String(statusCode)));
    socket.once("error", reject);
  });
}

const FORBIDDEN = { status: 403, text: "Forbidden\n" };

describe("the page", () => {
  test("is for whoever has the address, on loopback", async () => {
    const serving = await served();
    expect(serving.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}\/$/);
    expect(await ask(serving)).toMatchObject({ status: 200, text: "the page" });
  });

  test("has another token each time", async () => {
    const [one, other] = [await served(), await served()];
    expect(one.token).not.toBe(other.token);
  });

  test.each([
    ["no token", () => "/"],
    ["no token, but a file", () => "/index.html"],
    ["an empty one", () => "//index.html"],
    ["another", (token: string) => `/${"A".repeat(token.length)}/`],
    ["one letter less", (token: string) => `/${token.slice(0, -1)}/`],
    ["one letter more", (token: string) => `/${token}A/`],
    ["another case", (token: string) => `/${token.toLowerCase()}${/[A-Z]/.test(token) ? "" : "A"}/`],
    ["it as a query", (token: string) => `/?token=${token}`],
  ])("is not for somebody with %s", async (_, path) => {
    const serving = await served();
    expect(await ask(serving, { path: path(serving.token) })).toMatchObject(FORBIDDEN);
  });

  test.each(["rebound.example", "rebound.example:PORT", "localhost:PORT", "127.0.0.1", "127.0.0.1:1", "[::1]:PORT"])(
    "is not at the name %s, with the right token neither: DNS rebinding",
    async (name) => {
      const serving = await served();
      const host = name.replace("PORT", serving.host.split(":")[1]!);
      expect(await ask(serving, { host })).toMatchObject(FORBIDDEN);
    },
  );

  test.each(["http://evil.example", "https://127.0.0.1:PORT", "http://127.0.0.1", "http://127.0.0.1:1", "null", ""])(
    "is not for a page of %s",
    async (name) => {
      const serving = await served();
      const origin = name.replace("PORT", serving.host.split(":")[1]!);
      expect(await ask(serving, { headers: { origin } })).toMatchObject(FORBIDDEN);
    },
  );

  test("can be led to by another site, but not loaded into it", async () => {
    const serving = await served();
    const from = (mode: string, dest: string) =>
      ask(serving, { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": mode, "sec-fetch-dest": dest } });
    expect(await from("navigate", "document")).toMatchObject({ status: 200 });
    expect(await from("no-cors", "script")).toMatchObject(FORBIDDEN);
    expect(await from("navigate", "iframe")).toMatchObject(FORBIDDEN);
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])("knows no %s", async (method) => {
    expect(await ask(await served(), { method })).toMatchObject({ status: 403 });
  });

  test.each([
    "../secret.html",
    "..%2fsecret.html",
    "%2e%2e/secret.html",
    "....//secret.html",
    "page/../../secret.html",
    "..\\secret.html",
    "/etc/passwd",
    "index.html%00.js",
    "constructor",
    "__proto__",
  ])("has no file at %s", async (name) => {
    const serving = await served();
    const answer = await ask(serving, { path: `/${serving.token}/${name}` });
    expect(answer).toMatchObject({ status: 404, text: "Not found\n" });
  });

  test("tells nobody its address, runs no script that stands in a page, and is in nobody's frame", async () => {
    const serving = await served();
    for (const path of [undefined, "/", `/${serving.token}/none`]) {
      const { headers } = await ask(serving, path === undefined ? {} : { path });
      expect(headers["referrer-policy"]).toBe("no-referrer");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["cache-control"]).toBe("no-store");
      expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toMatch(/script-src 'self'(;|$)/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(Object.keys(headers)).not.toContain("access-control-allow-origin");
    }
  });
});

describe("the socket", () => {
  test("is for the page", async () => {
    const { url, host } = await served();
    expect(await knock(`${url}live`, { host, origin: `http://${host}` })).toBe("hello");
  });

  test.each(["http://evil.example", "null", "https://HOST", "http://localhost:1", "http://HOST.evil.example"])(
    "is not for a page of %s, with the right token neither: cross-site WebSocket",
    async (name) => {
      const { url, host } = await served();
      expect(await knock(`${url}live`, { host, origin: name.replace("HOST", host) })).toBe("403");
    },
  );

  test("is not for somebody who says of no page, has no token, or comes by another name", async () => {
    const { url, host, token } = await served();
    const origin = `http://${host}`;
    expect(await knock(`${url}live`, { host })).toBe("403");
    expect(await knock(`http://${host}/live`, { host, origin })).toBe("403");
    expect(await knock(`${url.replace(token, "A".repeat(token.length))}live`, { host, origin })).toBe("403");
    expect(await knock(`${url}live`, { host: "rebound.example", origin: "http://rebound.example" })).toBe("403");
    expect(await knock(`${url}other`, { host, origin })).toBe("403");
  });

  test("is not there for who is on another address of this machine", async () => {
    const { url } = await served();
    const socket = connect({ host: "127.0.0.2", port: Number(new URL(url).port) });
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });
});
