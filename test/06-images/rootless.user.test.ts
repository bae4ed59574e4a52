import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLONE } from "../../src/01-syscalls/index.ts";
import { findImage, keepsOwners, loadArchive, unpackImage } from "../../src/06-images/index.ts";
import { makeStack, mapOneId, runInOverlay } from "../05-overlay/stack.ts";
import { dockerArchive, tarOf, temporaryFolder } from "./archives.ts";

test("an ordinary user's layers belong to him, and hide what they delete", async () => {
  const first = tarOf([
    { name: "f", content: "1", uid: 1234 },
    { name: "gone", content: "1" },
    { name: "d", type: "5", mode: 0o555 },
    { name: "d/old", content: "1" },
    { name: "null", type: "3", major: 1, minor: 3 },
  ]);
  const second = tarOf([
    { name: ".wh.gone" },
    { name: "d", type: "5", mode: 0o555 },
    { name: "d/.wh..wh..opq" },
    { name: "d/new", content: "2" },
  ]);
  const root = temporaryFolder();
  writeFileSync(join(root, "image.tar"), dockerArchive(["x"], [first, second]));
  await loadArchive(root, join(root, "image.tar"));
  const lower = await unpackImage(root, (await findImage(root, "x"))!);

  expect(keepsOwners()).toBe(false);
  expect(lower[0]).toContain("/layers-ownerless/");
  expect(statSync(join(lower[0]!, "f")).uid).toBe(process.getuid?.());
  const userns = { options: { userxattr: true }, flags: CLONE.NEWUSER | CLONE.NEWNS, beside: mapOneId() };
  expect(runInOverlay({ ...makeStack(0), lower }, "ls . d", userns).stdout).toBe(".:\nd\nf\n\nd:\nnew\n");
});
