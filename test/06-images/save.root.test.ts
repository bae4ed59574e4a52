import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { findImage, loadArchive, MEDIA, saveImages } from "../../src/06-images/index.ts";
import { needs } from "../support/needs.ts";
import { makeLayout, tarOf, temporaryFolder } from "./archives.ts";

test("podman loads what is saved, under its name and with its id", needs("program:podman"), async () => {
  const [root, folder] = [temporaryFolder(), temporaryFolder()];
  const layers = ["one", "two"].map((name) => tarOf([{ name, content: name }]));
  const packing = { pack: gzipSync, mediaType: MEDIA.LAYER_GZIP };
  await loadArchive(root, makeLayout(layers, { name: "x.example/app:1", ...packing }).directory);
  const pieces: Buffer[] = [];
  await saveImages(root, ["x.example/app:1"], (bytes) => pieces.push(Buffer.from(bytes)));
  const archive = join(folder, "saved.tar");
  writeFileSync(archive, Buffer.concat(pieces));

  const options = ["--root", `${folder}/root`, "--runroot", `${folder}/run`, "--storage-driver", "vfs"];
  const podman = (...words: string[]) => execFileSync("podman", [...options, ...words], { encoding: "utf8" });
  expect(podman("load", "-q", "-i", archive)).toContain("x.example/app:1");
  expect(podman("images", "-q", "--no-trunc")).toContain((await findImage(root, "x.example/app:1"))!.id);
});
