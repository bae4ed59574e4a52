import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { proxy } from "../11-registry/small-proxy.ts";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";
import { build, treeOf } from "./builds.ts";

async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** The tree that one ADD makes of nothing. */
async function added(line: string): Promise<string> {
  const roots = temporaryRoots();
  return treeOf(roots, await build(roots, { Dockerfile: `FROM scratch\nADD ${line}\n` }));
}

describe("ADD of a URL", needs("root", "overlay"), () => {
  const PIECE = Buffer.alloc(1 << 20, 1);
  const MEGABYTES = 192;

  test("needs no more memory for a large file", async () => {
    const port = await serve(async (_, response) => {
      for (let count = 0; count < MEGABYTES; count++)
        if (!response.write(PIECE)) await new Promise((resolve) => response.once("drain", resolve));
      response.end();
    });
    // The highest mark so far is forgotten (proc(5), clear_refs).
    writeFileSync("/proc/self/clear_refs", "5");
    const before = peakMegabytes();
    const tree = await added(`http://127.0.0.1:${port}/large /`);
    expect(statSync(join(tree, "large")).size).toBe(MEGABYTES << 20);
    expect(peakMegabytes() - before).toBeLessThan(MEGABYTES / 2);
  });

  const peakMegabytes = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;

  test.each([
    ["/a%20b/c%2Bd.txt", "c+d.txt"],
    ["/100%25", "100%"],
    ["/bad%E0%A4%A", "bad%E0%A4%A"],
    ["/x/..%2f..%2fpasswd?q=/y", "passwd"],
  ])("of %s is called %s", async (path, name) => {
    const port = await serve((_, response) => response.end("here"));
    expect(readFileSync(join(await added(`http://127.0.0.1:${port}${path} /d/`), "d", name), "utf8")).toBe("here");
  });

  test("that breaks off, or is none, is said", async () => {
    const port = await serve((_, response) => {
      response
        .writeHead(200, { "Content-Length": "100" })
        .write("half", () => setTimeout(() => response.destroy(), 50));
    });
    const url = `http://127.0.0.1:${port}/f`;
    await expect(added(`${url} /`)).rejects.toThrow(`cannot download ${url}: Get "${url}": `);
    await expect(added("http://127.0.0.1:1/f /")).rejects.toThrow("connection refused");
    await expect(added("http://:x/ /")).rejects.toThrow("http://:x/ is no address");
  });

  test("goes by the proxy that the environment names", async () => {
    const port = await serve((_, response) => response.end("by proxy"));
    const { url, asked } = await proxy();
    for (const name of ["NO_PROXY", "no_proxy", "http_proxy"]) vi.stubEnv(name, undefined);
    vi.stubEnv("HTTP_PROXY", url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const tree = await added(`http://files.test:${port}/f /f`);
    expect(readFileSync(join(tree, "f"), "utf8")).toBe("by proxy");
    expect(asked).toEqual([`GET http://files.test:${port}/f`]);
  });
});
