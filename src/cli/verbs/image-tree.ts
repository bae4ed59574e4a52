// `image tree`: the images that there are, as the layers that they share.

import { layerTree } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean } from "../flags/values.ts";
import { report } from "../show/report.ts";
import { treeLines } from "../show/tree-lines.ts";
import { lookOf } from "../watch.ts";

interface Asked {
  json: boolean;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["--json", "", "Print the tree as JSON", setters<Asked>().one("json", boolean)]],
];

const SUMMARY = `Show the images as a tree of the layers that they share

A layer stands below the one that it lies on, with the image whose last one it is.`;

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { json: false };
  if (readCommand({ name: "image tree", flags: FLAGS, asked, summary: SUMMARY }, argv) === undefined) return 0;
  let code = 0;
  const tree = layerTree(roots.root, (_name, error) => {
    code = report(error, 1);
  });
  const text = asked.json ? JSON.stringify(tree, null, 2) : treeLines(tree, lookOf(process.stdout)).join("\n");
  process.stdout.write(`${text}\n`);
  return code;
}
