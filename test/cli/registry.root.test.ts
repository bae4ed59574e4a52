import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cliForTests, printed } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

async function serve(): Promise<string> {
  const child = md.begin("registry", "serve", "--addr", "127.0.0.1:0");
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        child.once("close", () => resolve());
        child.kill("SIGINT");
      }),
  );
  return /http:\/\/(\S+)/.exec(await printed(child, /\n/))![1]!;
}

/** A podman with a store of its own, which takes its mounts along. */
function podmanForTest(): (...argv: string[]) => string {
  const folder = mkdtempSync(join(tmpdir(), "p-"));
  const place = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--tmpdir", join(folder, "tmp")];
  onTestFinished(() => {
    const mounts = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[4] ?? "");
    for (const mount of mounts.filter((one) => one.startsWith(`${folder}/`)).reverse()) spawnSync("umount", [mount]);
    rmSync(folder, { recursive: true, force: true });
  });
  return (...argv) => {
    const words = [
      ...place,
      "--cgroup-manager",
      "cgroupfs",
      "--storage-driver",
      "vfs",
      "--log-level",
      "error",
      ...argv,
    ];
    const { status, stdout, stderr } = spawnSync("podman", words, { encoding: "utf8" });
    if (status !== 0) throw new Error(`podman ${argv.join(" ")}: ${stderr}`);
    return stdout.trim();
  };
}

test("podman pulls what is here, and what it pushes runs here", needs("program:podman"), async () => {
  md.ok("run", "--rm", "base", "true");
  const id = md.ok("images", "--no-trunc", "-q", "base");
  const address = await serve();
  const podman = podmanForTest();
  const [from, to] = [`${address}/base`, `${address}/team/from-podman:v1`];
  expect(`sha256:${podman("pull", "-q", "--tls-verify=false", from)}`).toBe(id);
  const made = podman("create", from, "sh");
  podman("cp", join(import.meta.dirname, "registry.root.test.ts"), `${made}:/carried`);
  podman("commit", "-q", made, to);
  podman("push", "-q", "--tls-verify=false", to);
  podman("push", "-q", "--tls-verify=false", "--format", "v2s2", to, `${address}/team/from-podman:v2s2`);
  for (const tag of ["v1", "v2s2"]) {
    const said = md.ok("run", "--rm", `team/from-podman:${tag}`, "sh", "-c", 'read line < /carried; echo "$line"');
    expect(said).toBe('import { spawnSync } from "node:child_process";');
  }
});
