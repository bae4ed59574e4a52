import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sha256, temporaryFolder } from "../06-images/archives.ts";
import { served } from "./served.ts";

/** A disk of 4 MiB. */
function smallDisk(): string {
  const folder = join(temporaryFolder(), "disk");
  mkdirSync(folder);
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  onTestFinished(() => void spawnSync("umount", [folder]));
  return join(folder, "root");
}

test.each(["POST", "PATCH", "PUT"])(
  "a disk that %s fills is said in here, and is as empty as before",
  async (method) => {
    const registry = await served({}, smallDisk());
    const body = Buffer.alloc(8 * 1024 * 1024);
    const begun = await registry.ask("POST", "/v2/app/blobs/uploads/");
    const address = method === "POST" ? "/v2/app/blobs/uploads/" : begun.headers.location!;
    const answer = await registry.ask(method, `${address}?digest=${sha256(body)}`, { body });
    expect(answer.status).toBe(500);
    expect(String(registry.failures)).toContain("cannot take in a blob: ENOSPC: no space left on device");
    if (method === "POST") await registry.ask("DELETE", begun.headers.location!);
    expect(readdirSync(join(registry.root, "tmp"))).toEqual([]);
    const small = await registry.ask("POST", `/v2/app/blobs/uploads/?digest=${sha256("small")}`, { body: "small" });
    expect(small.status).toBe(201);
  },
);
