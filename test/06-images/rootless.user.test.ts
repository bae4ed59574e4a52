import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLONE } from "../../src/01-syscalls/index.ts";
import { listXattrs } from "../../src/05-overlay/index.ts";
import {
  exploreImage,
  findImage,
  importArchive,
  keepsOwners,
  loadArchive,
  removeImage,
  saveImages,
  unpackImage,
} from "../../src/06-images/index.ts";
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

test("what would give power is an ordinary user's own, and in nobody else's reach", async () => {
  const capability = Buffer.from("0100000280000000000000000000000000000000", "hex");
  const pax = { "SCHILY.xattr.security.capability": capability, "SCHILY.xattr.trusted.x": "y" };
  const layer = tarOf([
    { name: "su", content: "x", mode: 0o6755, uid: 0, gid: 0 },
    { name: "ping", content: "x", mode: 0o755, pax },
    { name: "sda", type: "4", major: 8, minor: 0 },
    { name: "closed", type: "5", mode: 0 },
    { name: "closed/in", content: "x", mode: 0 },
  ]);
  const root = temporaryFolder();
  writeFileSync(join(root, "image.tar"), dockerArchive(["x"], [layer]));
  await loadArchive(root, join(root, "image.tar"));
  const [lower] = await unpackImage(root, (await findImage(root, "x"))!);
  expect(statSync(join(lower!, "su"))).toMatchObject({ mode: 0o106755, uid: process.getuid?.() });
  expect(listXattrs(join(lower!, "ping")).filter((name) => !name.startsWith("user."))).toEqual([]);
  expect(readdirSync(lower!)).not.toContain("sda");
  expect(statSync(join(lower!, "../..")).mode & 0o077).toBe(0);
  removeImage(root, "x", () => undefined);
  expect(readdirSync(join(root, "layers-ownerless"))).toEqual([]);
  expect(readdirSync(join(root, "tmp"))).toEqual([]);
});

test("an ordinary user saves, imports and explores as root does", async () => {
  const root = temporaryFolder();
  const path = join(root, "tree.tar");
  writeFileSync(path, tarOf([{ name: "f", content: "content" }]));
  const id = await importArchive(root, path, { name: "x.example/app:1" });
  const pieces: Buffer[] = [];
  await saveImages(root, ["x.example/app:1"], (bytes) => pieces.push(Buffer.from(bytes)));
  writeFileSync(path, Buffer.concat(pieces));
  const other = temporaryFolder();
  expect(await loadArchive(other, path)).toMatchObject([{ name: "x.example/app:1", id }]);
  const { layers } = await exploreImage(other, (await findImage(other, id))!);
  expect(layers[0]!.entries).toMatchObject([{ path: "f", bytes: 7 }]);
});
