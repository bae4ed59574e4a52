import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { loadArchive, parseReference } from "../../src/06-images/index.ts";
import { pushImage } from "../../src/11-registry/index.ts";
import { proxyFor } from "../../src/11-registry/proxies.ts";
import { makeLayout, tarOf } from "../06-images/archives.ts";
import { needs } from "../support/needs.ts";
import { certificate } from "./certificate.ts";
import { HASTE, puller } from "./pulling.ts";
import { served } from "./served.ts";
import { proxy } from "./small-proxy.ts";

const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

/** Only these are set, whatever the machine has. */
function environment(given: Record<string, string>): void {
  for (const name of NAMES) vi.stubEnv(name, given[name]).stubEnv(name.toLowerCase(), undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
}

beforeEach(() => environment({}));

describe("proxyFor", () => {
  const env = {
    HTTP_PROXY: "p:1",
    https_proxy: "http://u:w@q:2",
    NO_PROXY: "a.test, .b.test *.c.test d.test:5000,10.0.0.0/8",
  };

  test.each([
    ["http://x.test/", "http://p:1/"],
    ["https://x.test/", "http://u:w@q:2/"],
    ["http://a.test/", undefined],
    ["http://sub.a.test/", undefined],
    ["http://xa.test/", "http://p:1/"],
    ["http://b.test/", "http://p:1/"],
    ["http://sub.b.test/", undefined],
    ["http://sub.c.test/", undefined],
    ["http://d.test:5000/", undefined],
    ["http://d.test/", "http://p:1/"],
    ["http://10.1.2.3:5000/", undefined],
    ["http://11.1.2.3/", "http://p:1/"],
    ["http://localhost:5000/", undefined],
    ["http://127.0.0.5/", undefined],
    ["https://[::1]/", undefined],
  ])("%s is asked for at %s", (url, expected) => expect(proxyFor(new URL(url), env)?.href).toBe(expected));

  test("is nobody where all are reached directly, or none is named", () => {
    expect(proxyFor(new URL("http://x.test"), { ...env, NO_PROXY: "*" })).toBeUndefined();
    expect(proxyFor(new URL("http://x.test"), { HTTPS_PROXY: "p" })).toBeUndefined();
  });

  test("refuses what is no proxy's address", () => {
    expect(() => proxyFor(new URL("http://x.test"), { HTTP_PROXY: "socks5://p:1" })).toThrow(
      "HTTP_PROXY names no proxy",
    );
  });
});

describe("by a proxy", () => {
  /** A registry with a name that only the proxy knows. */
  async function registry(tls?: { cert: Buffer; key: Buffer }) {
    const { url } = await served(tls ? { tls } : {});
    const host = `registry.test:${new URL(url).port}`;
    return { host, settings: { mirrors: {}, insecure: [host] } };
  }

  async function pushAndPull({ host, settings }: Awaited<ReturnType<typeof registry>>): Promise<void> {
    const [from, to] = [puller(), puller()];
    const layout = makeLayout([tarOf([{ name: "hello", content: "by proxy" }])], { name: `${host}/app:1` });
    await loadArchive(from.root, layout.directory);
    const roots = { root: from.root, state: from.root };
    await pushImage(roots, parseReference(`${host}/app:1`), { ...HASTE, settings });
    expect((await to.pull(`${host}/app:1`, { settings })).isNew).toBe(true);
  }

  test("images go over TLS, and it sees nothing but where to", needs("program:openssl"), async () => {
    const there = await registry(certificate("DNS:registry.test"));
    const { url, asked } = await proxy();
    environment({ HTTPS_PROXY: url.replace("//", "//me:let%20me@") });
    await pushAndPull(there);
    const credentials = `Basic ${Buffer.from("me:let me").toString("base64")}`;
    expect(new Set(asked)).toEqual(new Set([`CONNECT ${there.host} ${credentials}`]));
  });

  test("images go without TLS, too", async () => {
    const there = await registry();
    const { url, asked } = await proxy();
    environment({ HTTP_PROXY: url });
    await pushAndPull(there);
    expect(asked).toContain(`GET http://${there.host}/v2/app/manifests/1`);
    expect(asked).toContain(`PUT http://${there.host}/v2/app/manifests/1`);
  });

  test("nothing is asked for that NO_PROXY names", async () => {
    const { host, settings } = await registry();
    const { url, asked } = await proxy();
    environment({ HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: "registry.test" });
    await expect(puller().pull(`${host}/app:1`, { settings })).rejects.toThrow("no such host");
    expect(asked).toEqual([]);
  });

  test.each([
    [407, "407"],
    [403, "403"],
  ])("one that answers %d says so itself, not the registry", async (refusal, code) => {
    const { pull } = puller();
    const { url } = await proxy({ refusal });
    environment({ HTTPS_PROXY: url });
    const refused = `the proxy ${new URL(url).host} does not connect us to registry.test: ${code}`;
    await expect(pull("registry.test/app:1")).rejects.toThrow(refused);
  });

  test("that isn't there is named", async () => {
    environment({ HTTPS_PROXY: "http://127.0.0.1:1" });
    await expect(puller().pull("registry.test/app:1")).rejects.toThrow(
      'Get "https://registry.test/v2/" by the proxy 127.0.0.1:1: connection refused',
    );
  });
});
