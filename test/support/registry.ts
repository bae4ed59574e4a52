// A real registry on this machine: Debian's docker-registry, on a port that is free, with a folder that goes away with it.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface RealRegistry {
  /** `127.0.0.1:41234` */
  host: string;
  folder: string;
  /** The certificate that signs for it, with `tls`. */
  authority: string;
  /** Called with skopeo's verb and operands; what it prints. */
  skopeo(verb: string, ...words: string[]): string;
  close(): Promise<void>;
}

interface Kind {
  /** Who may come in: student, with the password "secret". */
  password?: boolean;
  tls?: boolean;
  /** More of its configuration, for the folder that it has. */
  more?: (folder: string) => object | Promise<object>;
}

/** `student:secret`, as Apache's htpasswd writes it. */
const HTPASSWD = "student:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

export async function startRegistry({
  password = false,
  tls = false,
  more = () => ({}),
}: Kind = {}): Promise<RealRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "registry-"));
  const authority = join(folder, "ca.crt");
  if (tls) makeCertificate(folder);
  writeFileSync(join(folder, "htpasswd"), HTPASSWD);
  const configuration = {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    http: {
      addr: "127.0.0.1:0",
      ...(tls && { tls: { certificate: authority, key: join(folder, "ca.key") } }),
    },
    ...(password && { auth: { htpasswd: { realm: "test", path: join(folder, "htpasswd") } } }),
    ...(await more(folder)),
  };
  // Every JSON file is YAML.
  writeFileSync(join(folder, "config.yml"), JSON.stringify(configuration));
  // It tells of each request. Nobody reads that while a test waits for a program, and a pipe would be full one day.
  const log = openSync(join(folder, "log"), "a");
  const registry = spawn("docker-registry", ["serve", join(folder, "config.yml")], {
    stdio: ["ignore", "ignore", log],
    env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: "none" },
  });
  closeSync(log);
  const host = await listening(registry, join(folder, "log"));
  const ended = once(registry, "close");
  return {
    host,
    folder,
    authority,
    skopeo: (verb, ...words) => skopeo(verb, words),
    async close() {
      registry.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function skopeo(verb: string, words: string[]): string {
  const tls = verb === "copy" ? ["--src-tls-verify=false", "--dest-tls-verify=false"] : ["--tls-verify=false"];
  return execFileSync("skopeo", ["--insecure-policy", verb, ...tls, ...words], { encoding: "utf8" });
}

/** Until it says where. */
async function listening(registry: ChildProcess, log: string): Promise<string> {
  for (;;) {
    const text = readFileSync(log, "utf8");
    const [, host] = /listening on (127\.0\.0\.1:\d+)/.exec(text) ?? [];
    if (host) return host;
    if (registry.exitCode !== null) throw new Error(`docker-registry ended: ${text}`);
    await sleep(10);
  }
}

/** One that signs itself, for this machine. */
function makeCertificate(folder: string): void {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:0.0.0.0"];
  const files = ["-keyout", join(folder, "ca.key"), "-out", join(folder, "ca.crt")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, ...files], {
    stdio: "ignore",
  });
}
