// The OCI runtime as other engines call it: the built one, with a root of its own.

import { type StdioOptions, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Change, writeBundle } from "./bundles.ts";
import { cliForTests, PROGRAM, type Said } from "./cli.ts";

export const OCI_PROGRAM = join(PROGRAM, "../mini-docker-oci.js");

export interface Oci {
  root: string;
  /** Where bundles and files of tests are. */
  folder: string;
  /** A bundle of this name. */
  bundle(name: string, change?: Change): string;
  /** The root filesystem that all bundles have, a copy of the base image. */
  rootfs: string;
  call(...argv: string[]): Said;
  callWith(
    options: { stdio?: StdioOptions; env?: NodeJS.ProcessEnv; cwd?: string; input?: string },
    ...argv: string[]
  ): Said;
  /** What it prints. Throws if it fails. */
  ok(...argv: string[]): string;
  begin(...argv: string[]): ReturnType<typeof spawn>;
  status(id: string): string;
  /** Waits until that is so. */
  until(isSo: () => boolean): Promise<void>;
}

/** For the whole file. */
export function ociForTests(): Oci {
  const folder = mkdtempSync(join(tmpdir(), "oci-"));
  const root = join(folder, "run");
  const md = cliForTests();
  md.ok("create", "--name", "files", "base", "true");
  md.ok("bundle", "files", "--copy", join(folder, "base"));
  md.ok("rm", "files");
  const rootfs = join(folder, "base/rootfs");

  const callWith: Oci["callWith"] = (options, ...argv) => {
    const words = ["--", OCI_PROGRAM, "--root", root, ...argv];
    const { status, stdout, stderr } = spawnSync("node", words, { encoding: "utf8", ...options });
    return { code: status ?? -1, stdout: String(stdout), stderr: String(stderr) };
  };
  const call: Oci["call"] = (...argv) => callWith({}, ...argv);
  const ok: Oci["ok"] = (...argv) => {
    // A container keeps its caller's streams: whoever waits for their end waits for the container's.
    const { code, stdout, stderr } = call(...argv);
    if (code !== 0) throw new Error(`mini-docker-oci ${argv.join(" ")} exited with ${code}: ${stderr}`);
    return stdout.replace(/\n$/, "");
  };
  afterAll(() => {
    for (const id of ok("list", "-q").split("\n").filter(Boolean)) call("delete", "-f", id);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    root,
    folder,
    rootfs,
    bundle: (name, change) => writeBundle(join(folder, name), rootfs, change),
    call,
    callWith,
    ok,
    begin: (...argv) => spawn("node", ["--", OCI_PROGRAM, "--root", root, ...argv]),
    status: (id) => JSON.parse(ok("state", id)).status,
    until: async (isSo) => {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}
