// The student's own folder: exercises as they were left, and how far one has come.

import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { PROGRESS_FILE } from "./progress.ts";

/** Set by a workshop's own `./mini-docker`, which may be called from anywhere. */
export const WORKSHOP_VARIABLE = "MINI_DOCKER_WORKSHOP";

/** Set by the program in a lab: there, the workshop can only be looked at. */
export const LAB_VARIABLE = "MINI_DOCKER_LAB";

/** The workshop that one is in, or else the one whose program was called. Undefined outside of any. */
export function findWorkshop(from: string = process.cwd()): string | undefined {
  return workshopAround(resolve(from)) ?? process.env[WORKSHOP_VARIABLE];
}

/** This folder, or one above. */
function workshopAround(folder: string): string | undefined {
  if (existsSync(join(folder, PROGRESS_FILE))) return folder;
  return folder === "/" ? undefined : workshopAround(dirname(folder));
}

/** Throws UserError outside of any, and in a lab. */
export function requireWorkshop(from: string = process.cwd(), env: NodeJS.ProcessEnv = process.env): string {
  if (env[LAB_VARIABLE] !== undefined)
    throw new UserError("this is the lab, and what is kept of you is kept outside of it", {
      hint: "call it in your other terminal, in your workshop: ./mini-docker learn …",
    });
  const found = findWorkshop(from);
  if (found !== undefined) return found;
  throw new UserError(`there is no workshop in ${resolve(from)}, nor above it`, {
    hint: "mini-docker learn start makes one",
  });
}

/** The student's module for a lesson: `03-namespaces.ts`. */
export function exerciseFile(workshop: string, name: string): string {
  return join(workshop, `${name}.ts`);
}
