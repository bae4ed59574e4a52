// A verb's command line: flags as everywhere, and the container's id.

import type { FlagGroup } from "../flags/flags.ts";
import { readLine } from "../flags/plain.ts";
import { OCI_VERBS } from "./verbs.ts";

export interface OciLine<T> {
  name: string;
  flags?: FlagGroup<T>[];
  operands?: string[];
  unasked?: () => T;
}

/** Undefined after printing help. Throws UserError. */
export function readOciLine<T>({ name, flags = [], operands = ["<id>"], unasked }: OciLine<T>, argv: string[]) {
  return readLine<T>(
    {
      name,
      program: "mini-docker-oci",
      summary: OCI_VERBS[name]!.summary,
      flags,
      operands,
      unasked: unasked ?? (() => ({}) as T),
    },
    argv,
  );
}

export const word = (text: string): string => text;
