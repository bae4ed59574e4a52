// Runs a lesson's commands on this machine and writes what they print into its texts, of both languages.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeLab } from "../lab.ts";
import { inFile, LANGUAGES, lessonFile, readLesson } from "./folder.ts";
import { hostShell } from "./host-shell.ts";
import { labShell } from "./lab-shell.ts";
import { type Came, withRecorded } from "./record.ts";
import { machineKind, rehearse } from "./rehearse.ts";
import type { StartShell } from "./shell.ts";

/** How many consoles were run. */
export async function writeDown(name: string): Promise<number> {
  const came: Came = new Map();
  await inOwnLab(async (shells) => {
    for await (const { block, came: exchanges } of rehearse(readLesson(name, "en"), shells))
      came.set(block.number, exchanges);
  });
  for (const path of LANGUAGES.map((language) => lessonFile(name, language)).filter((file) => existsSync(file)))
    writeFileSync(
      path,
      inFile(path, () => withRecorded(readFileSync(path, "utf8"), came, machineKind())),
    );
  return came.size;
}

/** A lab that nobody else has and a shell outside of it, with all they need of the machine, which is gone afterwards. */
export async function inOwnLab(use: (shells: Record<"host" | "lab", StartShell>) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lab-"));
  const [root, state, workshop] = ["root", "state", "workshop"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(workshop);
  try {
    await use({ host: hostShell({ root, state }), lab: labShell({ root, state }, { workshop }) });
  } finally {
    await closeLab({ root, state }, { workshop });
    rmSync(folder, { recursive: true, force: true });
  }
}
