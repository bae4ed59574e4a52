// Programs that people run, on networks of one's own: what a web server, a client and a name server really do there.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";
import { type Host, makeHost } from "./hosts.ts";
import { buildPrograms } from "./programs.ts";

const md = cliForTests();
const TOOLS = ["root", "speed", "program:nft", "program:ip", "program:nsenter"] as const;
const pidOf = (name: string) => md.ok("inspect", "-f", "{{.State.Pid}}", name);

const NGINX = `daemon off; user root; worker_processes 2; pid /tmp/pid; error_log stderr;
events { }
http {
  access_log /dev/stdout;
  client_body_temp_path /tmp/1; proxy_temp_path /tmp/2; fastcgi_temp_path /tmp/3; uwsgi_temp_path /tmp/4; scgi_temp_path /tmp/5;
  server {
    listen 80; listen [::]:80;
    location / { return 200 "nginx says hello to $remote_addr\\n"; }
    location /big { root /; }
  }
}
`;

describe("nginx and curl", needs(...TOOLS, "program:nginx", "program:curl"), () => {
  const big = randomBytes(8_000_000);
  const sum = createHash("sha256").update(big).digest("hex");
  let outside: Host;

  beforeAll(async () => {
    outside = await makeHost("up4", "10.81.0.1/24", "10.81.0.2/24");
    const files = { "nginx.conf": NGINX, big };
    const lines = ['CMD ["nginx", "-e", "stderr", "-p", "/tmp", "-c", "/nginx.conf"]'];
    buildPrograms(md, "web", { programs: ["nginx", "curl"], files, lines });
    md.ok("network", "create", "--ipv6", "--subnet", "10.82.0.0/24", "--subnet", "fd00:82::/64", "street");
    md.ok("run", "-d", "--name", "shop", "--network", "street", "--network-alias", "Bakery", "-p", "8080:80", "web");
    md.ok("run", "-d", "--name", "client", "--network", "street", "web", "sleep", "600");
  });
  afterAll(async () => {
    md.ok("rm", "-f", "shop", "client");
    md.ok("network", "rm", "street");
    await outside.close();
  });

  const WAIT = ["-s", "--max-time", "10", "--retry", "20", "--retry-connrefused", "--retry-max-time", "4"];
  const curl = (...words: string[]) => md.ok("exec", "client", "curl", ...WAIT, ...words);

  test("find each other by name and alias, and by either family of addresses", () => {
    expect(curl("-4", "http://shop/")).toBe("nginx says hello to 10.82.0.3");
    expect(curl("-4", "http://bakery.street/")).toBe("nginx says hello to 10.82.0.3");
    expect(curl("-6", "http://shop/")).toBe("nginx says hello to fd00:82::a52:3");
  });

  test("carry much, and many at once, to the last byte", () => {
    const script = `curl ${WAIT.join(" ")} http://shop/big | sha256sum`;
    expect(md.ok("exec", "client", "sh", "-c", script)).toBe(`${sum}  -`);
    const fetched = outside.run("sh", "-c", `curl ${WAIT.join(" ")} http://10.81.0.1:8080/big | sha256sum`);
    expect(fetched.stdout).toBe(`${sum}  -\n`);
    const all = ["-Z", "--parallel-max", "40", "--no-keepalive", "http://10.81.0.1:8080/[1-200]"];
    const said = outside.run("curl", ...WAIT, ...all).stdout;
    expect(said).toBe("nginx says hello to 10.81.0.2\n".repeat(200));
  });

  test("and a published port shows the server who asks: another host, or this one", async () => {
    expect(outside.run("curl", ...WAIT, "http://10.81.0.1:8080/").stdout).toBe("nginx says hello to 10.81.0.2\n");
    expect(execFileSync("curl", [...WAIT, "http://127.0.0.1:8080/"], { encoding: "utf8" })).toContain(
      "hello to 10.82.0.1",
    );
    outside.run("curl", ...WAIT, "http://10.81.0.1:8080/?it-is-me");
    await expect.poll(() => md.ok("logs", "shop")).toMatch(/^10\.81\.0\.2 - - .*"GET \/\?it-is-me HTTP\/1\.1" 200/m);
  });

  test("a server that is told to stop says farewell, and is there again with its port", () => {
    md.ok("stop", "-s", "QUIT", "shop");
    expect(md.ok("inspect", "-f", "{{.State.ExitCode}}", "shop")).toBe("0");
    expect(outside.run("curl", "-s", "http://10.81.0.1:8080/").status).toBe(7);
    md.ok("start", "shop");
    expect(outside.run("curl", ...WAIT, "http://10.81.0.1:8080/").stdout).toContain("hello");
  });
});

/** Sixteen lines of two hundred letters: no datagram is that long. */
const POEM = Array.from({ length: 16 }, (_, index) => String.fromCharCode(97 + index).repeat(200));

const ZONE = [
  "--local=/example/",
  "--host-record=far.example,192.0.2.7,2001:db8::7",
  "--host-record=only4.example,192.0.2.8",
  `--txt-record=poem.example,${POEM.join(",")}`,
];

const ASK = `const resolver = new (require("dns").Resolver)({ timeout: 8000, tries: 1 });
  resolver.setServers(["127.0.0.11"]);
  const [, type, name] = process.argv;
  resolver.resolve(name, type, (error, found) => console.log(error ? error.code : found.flat().join(" ")));`;

describe("dnsmasq", needs(...TOOLS, "program:dnsmasq"), () => {
  beforeAll(() => {
    buildPrograms(md, "dnsmasq", { programs: ["dnsmasq"] });
    md.ok("network", "create", "--subnet", "10.83.0.0/24", "library");
    const serve = ["dnsmasq", "--keep-in-foreground", "--user=root", "--no-resolv", "--no-hosts", "--pid-file"];
    for (const [index, name] of ["oracle", "deputy"].entries()) {
      const address = ["--network", "library", "--ip", `10.83.0.${53 + index}`];
      md.ok("run", "-d", "--name", name, ...address, "dnsmasq", ...serve, ...ZONE);
    }
    const dns = (...last: number[]) => last.flatMap((each) => ["--dns", `10.83.0.${each}`]);
    md.ok("run", "-d", "--name", "reader", "--network", "library", ...dns(53), "base", "sleep", "600");
    md.ok("run", "-d", "--name", "scholar", "--network", "library", ...dns(53, 54), "base", "sleep", "600");
  });
  afterAll(() => {
    md.ok("rm", "-f", "oracle", "deputy", "reader", "scholar");
    md.ok("network", "rm", "library");
  });

  const words = (who: string, type: string, name: string) => ["-t", pidOf(who), "-n", "node", "-e", ASK, type, name];
  const resolve = (who: string, type: string, name: string) =>
    execFileSync("nsenter", words(who, type, name), { encoding: "utf8" }).trim();

  test("is asked through 127.0.0.11 for all that is nobody's name here", () => {
    expect(resolve("reader", "A", "far.example")).toBe("192.0.2.7");
    expect(resolve("reader", "AAAA", "far.example")).toBe("2001:db8::7");
    expect(md.ok("exec", "reader", "nslookup", "far.example")).toMatch(/192\.0\.2\.7.*2001:db8::7/s);
    expect(resolve("reader", "AAAA", "only4.example")).toBe("ENODATA");
    expect(resolve("reader", "A", "nobody.example")).toBe("ENOTFOUND");
    expect(resolve("reader", "A", "oracle")).toBe("10.83.0.53");
  });

  test("says by TCP what is too long for a datagram", () => {
    expect(resolve("reader", "TXT", "poem.example")).toBe(POEM.join(" "));
  });

  test("may take its time", async () => {
    md.ok("pause", "oracle");
    const asking = spawn("nsenter", words("reader", "A", "far.example"));
    const said = saidBy(asking);
    await expect.poll(() => waitingAt(pidOf("oracle")), { timeout: 5_000 }).toBe(true);
    md.ok("unpause", "oracle");
    expect(await said).toBe("192.0.2.7\n");
  });

  test("may be silent or dead: that is said, the next one is asked, and names of ours are known", () => {
    md.ok("pause", "oracle");
    expect(resolve("scholar", "A", "far.example")).toBe("192.0.2.7");
    md.ok("unpause", "oracle");
    md.ok("kill", "oracle");
    expect(resolve("reader", "A", "far.example")).toBe("ESERVFAIL");
    expect(resolve("scholar", "A", "far.example")).toBe("192.0.2.7");
    expect(resolve("reader", "A", "scholar")).toMatch(/^10\.83\.0\.\d+$/);
    md.ok("start", "oracle");
    expect(resolve("reader", "A", "far.example")).toBe("192.0.2.7");
  });
});

/** A question lies at port 53 (35 in hexadecimal) that nobody has taken yet: proc_net_udp(5). */
function waitingAt(pid: string): boolean {
  const sockets = readFileSync(`/proc/${pid}/net/udp`, "utf8").split("\n");
  return sockets.some((line) => {
    const [, local = "", , , queues = ""] = line.trim().split(/\s+/);
    return local.endsWith(":0035") && !queues.endsWith(":00000000");
  });
}

async function saidBy(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout!.on("data", (bytes) => {
    text += bytes;
  });
  await once(child, "close");
  return text;
}
