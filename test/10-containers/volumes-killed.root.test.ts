// Whoever makes or removes a container with volumes is killed, anywhere: what nobody has named is there as long as its
// container is, and what has a name is either empty or holds all that the image has there.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { isAnonymous, listVolumes, volumeFolder } from "../../src/09-volumes/index.ts";
import { containerIds, readContainer } from "../../src/10-containers/container.ts";
import type { Roots } from "../../src/10-containers/folders.ts";
import { removeContainer } from "../../src/10-containers/remove.ts";
import type { MountOption } from "../../src/10-containers/spec/options.ts";
import { anonymousOf } from "../../src/10-containers/volumes/volumes.ts";
import { buildScript, leftovers, makeContainer, temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";

/** As the fixture has them. */
const MOUNTS: MountOption[] = [
  { type: "volume", target: "/etc", readOnly: false },
  { type: "volume", source: "named", target: "/root", readOnly: false },
];
/** Every change would be every time the same, and takes half a second. */
const STRIDE = 7;

function killedAt(script: string, what: string, { root, state }: Roots, id: string, n: number): boolean {
  const { signal, stderr } = spawnSync(process.execPath, [script, root, state, `${n}`, what, id], { encoding: "utf8" });
  if (signal === null) expect(stderr).toBe("");
  return signal === "SIGKILL";
}

async function expectTidy(roots: Roots, where: string): Promise<void> {
  expect(await leftovers(roots), where).toEqual([]);
  const owned = containerIds(roots).flatMap((id) => anonymousOf(readContainer(roots, id)!.record.options.mounts));
  const unnamed = listVolumes(roots.root).filter(isAnonymous);
  expect(unnamed.map(({ name }) => name).sort(), where).toEqual(owned.sort());
}

test("of creation: volumes of its own come and go with the container", needs("speed"), async () => {
  const roots = temporaryRoots();
  const script = await buildScript("test/fixtures/die-at.ts");
  let n = 1;
  for (; killedAt(script, "create-volumes", roots, "", n); n += STRIDE) {
    await expectTidy(roots, `change ${n}`);
    for (const id of containerIds(roots)) await removeContainer(roots, id, { volumes: true });
    await expectTidy(roots, `change ${n}`);
  }
  expect(n).toBeGreaterThan(20);
  // Whoever was killed has left the named one to be filled by the next.
  const [id = ""] = containerIds(roots);
  const [own = ""] = anonymousOf(readContainer(roots, id)!.record.options.mounts);
  expect(readdirSync(volumeFolder(roots.root, own).data)).toContain("passwd");
});

test("of removal: the next command finishes it", needs("speed"), async () => {
  const roots = temporaryRoots();
  const script = await buildScript("test/fixtures/die-at.ts");
  for (let n = 1; ; n += 6) {
    const { record } = await makeContainer(roots, ["true"], { mounts: MOUNTS });
    const killed = killedAt(script, "remove-volumes", roots, record.id, n);
    await expectTidy(roots, `change ${n}`);
    if (readContainer(roots, record.id)) await removeContainer(roots, record.id, { volumes: true });
    await expectTidy(roots, `change ${n}`);
    if (!killed) break;
  }
  expect(listVolumes(roots.root).map(({ name }) => name)).toEqual(["named"]);
});
