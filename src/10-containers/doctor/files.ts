// Where images and containers lie, and what can be mounted there.

import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { kernelSupport, overlayRefusal } from "../../05-overlay/index.ts";
import type { Roots } from "../folders.ts";
import { type Finding, lacking, ok } from "./finding.ts";

export function fileFindings(roots: Roots): Finding[] {
  const folders = [folderFinding("root folder", roots.root), folderFinding("state folder", roots.state)];
  return [...folders, overlayFinding(roots)];
}

function folderFinding(name: string, path: string): Finding {
  const place = existing(path);
  if (isWritable(place)) return ok(name, place === path ? path : `${path}, to be made`);
  const why = `${place} is not ours to write`;
  return lacking("broken", name, path, { why, mend: "run as root, or choose others with --root DIR and --state DIR" });
}

function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function overlayFinding({ root }: Roots): Finding {
  const refusal = overlayRefusal(existing(root));
  const how = kernelSupport() === "append" ? "layers told one by one" : "layers told on one page";
  if (refusal === undefined) return ok("overlay", how);
  const why = `${refusal}: each container gets a copy of its image, which takes longer and more room`;
  return lacking("limited", "overlay", "none", { why, mend: "choose a folder on a disk or a tmpfs with --root DIR" });
}
