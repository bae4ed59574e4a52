import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readBlob } from "../../src/06-images/blobs.ts";
import { reachableFrom } from "../../src/06-images/image.ts";
import { collectGarbage, listImages } from "../../src/06-images/index.ts";
import { readIndex } from "../../src/06-images/layout.ts";
import { temporaryFolder } from "../06-images/archives.ts";
import { buildScript } from "../support/engine.ts";
import { needs } from "../support/needs.ts";
import { served } from "./served.ts";

/** What the client was told: the step, and the status. */
type Told = Record<string, string>;

function serve(script: string, root: string, n: number): Told {
  const { stdout } = spawnSync(process.execPath, [script, root, String(n)], { encoding: "utf8" });
  return Object.fromEntries(stdout.split("\n").map((line) => line.split(" ") as [string, string]));
}

/** The store is whole, and has what the client was told that it has. */
async function check(root: string, told: Told, when: string): Promise<void> {
  const entries = existsSync(join(root, "images/index.json")) ? readIndex(root) : [];
  const blobs = new Set(entries.flatMap((entry) => reachableFrom(root, entry).blobs));
  for (const digest of blobs) readBlob(root, digest);
  listImages(root, (name, error) => expect.fail(`${when}: ${name}: ${error.message}`));

  const { ask, close } = await served({}, root);
  const annotations = (await ask("GET", "/v2/app/manifests/v1")).json() as { annotations?: { which: string } };
  const which = annotations.annotations?.which;
  if (told.second) expect(which, when).toBe("second");
  else if (told.first) expect(["first", "second"], when).toContain(which);
  if (told.deleted) expect(entries, when).toHaveLength(1);
  await close();

  collectGarbage(root);
  expect(readdirSync(join(root, "tmp")), when).toEqual([]);
  // Where there has never been an image, a clean-up dares nothing.
  if (entries.length > 0) expect(readdirSync(join(root, "images/blobs/sha256")), when).toHaveLength(blobs.size);
}

test(
  "killed before any change of a file, it leaves a store that is whole and lacks nothing it has promised",
  needs("speed"),
  async () => {
    const script = await buildScript("test/fixtures/die-serving.ts");
    const whole = serve(script, temporaryFolder(), 0);
    expect(whole).toMatchObject({ blob: "201", first: "201", second: "201", deleted: "202" });
    const changes = Number(whole.changes);
    expect(changes).toBeGreaterThan(20);

    for (let n = 1; n <= changes; n++) {
      const root = temporaryFolder();
      const told = serve(script, root, n);
      expect(told.changes, `before change ${n}`).toBeUndefined();
      await check(root, told, `before change ${n}`);
    }
  },
);
