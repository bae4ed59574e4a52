import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { removeTree } from "../../src/06-images/index.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

const df = () =>
  md
    .ok("system", "df", "--format", "{{.Type}}|{{.TotalCount}}|{{.Active}}|{{.Size}}|{{.Reclaimable}}")
    .split("\n")
    .map((line) => line.split("|"));

function build(tag: string, dockerfile: string): void {
  const folder = mkdtempSync(join(tmpdir(), "context-"));
  onTestFinished(() => removeTree(folder));
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
  md.ok("build", "-q", "-t", tag, folder);
}

describe("system", needs("overlay"), () => {
  test("df counts what there is, what is used, and what could be had back; prune gives it back", () => {
    expect(df()).toEqual([
      ["Images", "0", "0", "0B", "0B"],
      ["Containers", "0", "0", "0B", "0B"],
      ["Local Volumes", "0", "0", "0B", "0B"],
      ["Build Cache", "0", "0", "0B", "0B"],
    ]);
    md.ok("run", "-d", "--name", "up", "base", "sh", "-c", "head -c 1000 /dev/zero > /f; touch /ready; sleep 1000");
    while (md.call("exec", "up", "test", "-e", "/ready").code !== 0);
    md.ok("run", "--name", "over", "base", "sh", "-c", "head -c 3000 /dev/zero > /f");
    build("made", "FROM base\nRUN head -c 1000000 /dev/zero > /big");
    const [images, containers] = df();
    expect(images!.slice(0, 3)).toEqual(["Images", "2", "1"]);
    // Packed and unpacked.
    expect(images![4]).toMatch(/^2(\.\d+)?MB \(\d+%\)$/);
    expect(containers).toEqual(["Containers", "2", "1", "4kB", "3kB (75%)"]);
    const [base, made] = JSON.parse(md.ok("system", "df", "-v", "--format", "json")).Images;
    expect([base.Repository, base.Containers, made.Repository, made.Containers]).toEqual([
      "localhost/base",
      "2",
      "made",
      "0",
    ]);
    // The layer of `base`, packed and unpacked, is all of `base` but a few small files, and part of both.
    expect([base.SharedSize, made.UniqueSize]).toEqual([made.SharedSize, expect.stringMatching(/^2(\.\d+)?MB$/)]);

    md.ok("rmi", "made");
    const [, , , cache] = df();
    expect([cache![1], cache![3]]).toEqual(["1", expect.stringMatching(/^1(\.\d+)?MB$/)]);
    const tables = md.ok("system", "df", "-v");
    expect(tables).toMatch(/^REPOSITORY .*UNIQUE SIZE +CONTAINERS\nlocalhost\/base +latest .* 2$/m);
    expect(tables).toMatch(/^CONTAINER ID .*\n\w{12} .* 3kB .*Exited \(0\).* over$/m);
    expect(tables).toMatch(/^Build cache usage: 1(\.\d+)?MB\n\nCACHE ID .*\n\w{12} +regular +1.*MB .*ago +false$/m);
    const pruned = md.ok("system", "prune", "-f");
    expect(pruned).toMatch(/^Deleted Containers:\n[0-9a-f]{64}\n[\s\S]*Total reclaimed space: 1(\.\d+)?MB$/);
    expect(df().map(([, total]) => total)).toEqual(["1", "1", "0", "0"]);
    expect(md.ok("exec", "up", "ls", "/f")).toBe("/f");
  });

  test("prune asks first, and leaves everything to who says no", () => {
    md.ok("run", "--name", "again", "base", "true");
    const said = md.callWith({ input: "n\n" }, "system", "prune");
    expect(said.stdout).toContain("- unused build cache");
    expect(md.ok("ps", "-aq", "--filter", "name=again")).not.toBe("");
  });
});
