import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cliForTests } from "../support/cli.ts";

const md = cliForTests();
const dataOf = (name: string) => join(md.root, "volumes", name, "_data");

test("an ordinary user's volume outlives containers, is filled by the image, and is all his own", () => {
  const context = mkdtempSync(join(tmpdir(), "context-"));
  onTestFinished(() => rmSync(context, { recursive: true, force: true }));
  mkdirSync(join(context, "db/locked"), { recursive: true });
  writeFileSync(join(context, "db/locked/file"), "seed\n");
  writeFileSync(
    join(context, "Dockerfile"),
    "FROM base\nCOPY db /srv/db\nRUN chmod 555 /srv/db/locked\nVOLUME /srv/db\n",
  );
  md.ok("build", "-q", "-t", "app", context);
  expect(md.ok("run", "--rm", "-v", "kept:/srv/db", "app", "sh", "-c", "cd /srv/db; cat locked/file; touch new")).toBe(
    "seed",
  );
  expect(md.ok("run", "--rm", "--volumes-from", own(), "-v", "kept:/k:ro", "base", "ls", "/k", "/srv/db")).toBe(
    "/k:\nlocked\nnew\n\n/srv/db:\nlocked",
  );
  expect(statSync(join(dataOf("kept"), "locked")).mode & 0o7777).toBe(0o555);
  expect(statSync(dataOf("kept")).uid).toBe(process.getuid!());
  expect(md.ok("rm", "-v", "own")).toBe("own");
  expect(readdirSync(join(md.root, "volumes"))).toEqual(["kept"]);
  expect(md.ok("volume", "rm", "kept")).toBe("kept");
});

/** A container with a volume that nobody has named. */
function own(): string {
  md.ok("create", "--name", "own", "app", "true");
  return "own";
}

test("a link in it leads to nothing else of his, either; and in memory he has one a container", () => {
  md.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "ram");
  md.ok("run", "-d", "--name", "first", "-v", "ram:/r", "-v", "parts:/p", "base", "sh", "-c", "df /r; sleep 1000");
  symlinkSync("/etc", join(dataOf("parts"), "out"));
  const trap = md.call("run", "--rm", "--mount", "type=volume,src=parts,dst=/p,volume-subpath=out", "base", "ls", "/p");
  expect(trap.stderr).toMatch(/cannot access path .*_data\/out/);
  const second = md.call("run", "--rm", "-v", "ram:/r", "base", "true");
  expect(second.stderr).toContain('volume ram is in memory, and container "first" has it');
  const nfs = md.call("volume", "create", "-o", "type=nfs", "-o", "device=:/x", "far");
  expect(nfs.stderr).toContain("create far: only root can mount nfs");
  md.ok("rm", "-f", "first");
});
