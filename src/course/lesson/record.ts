// Writes down what a lesson's commands print, as it comes on this machine: into the variant for such a machine if there is
// one, otherwise into the console itself.

import { recorded } from "./compare.ts";
import { readExchanges, writeExchanges } from "./exchanges.ts";
import type { Exchange, MachineKind } from "./lesson.ts";
import { type FencePiece, fenceOf, piecesOf, withBody } from "./pieces.ts";
import type { Field } from "./varying.ts";

/** What came, by the number of the console's fence in the lesson. */
export type Came = Map<number, Exchange[]>;

export function withRecorded(text: string, came: Came, machine: MachineKind): string {
  const targets = targetsOf(text, machine);
  let number = 0;
  let varies: Field[] = [];
  return piecesOf(text)
    .map((piece) => {
      const fenced = fenceOf(piece);
      if (!fenced) return piece.raw;
      number += 1;
      if (fenced.fence.kind === "console" && fenced.fence.variant === undefined) varies = fenced.fence.varies;
      const exchanges = came.get(targets.get(number) ?? 0);
      return exchanges ? withExchanges(fenced, exchanges, varies) : piece.raw;
    })
    .join("");
}

/** What varies is said by the console itself, not by its variants. */
function withExchanges(fenced: FencePiece, came: Exchange[], varies: Field[]): string {
  return withBody(fenced, writeExchanges(recorded(readExchanges(fenced.token.text), came, varies)));
}

/** The fences to write to, each with the number of the console that it is or is a variant of. */
function targetsOf(text: string, machine: MachineKind): Map<number, number> {
  const choices = new Map<number, Partial<Record<MachineKind | "any", number>>>();
  let main = 0;
  const fences = piecesOf(text)
    .map(fenceOf)
    .filter((fenced) => fenced !== undefined);
  for (const [index, { fence }] of fences.entries()) {
    if (fence.kind !== "console") continue;
    if (fence.variant === undefined) main = index + 1;
    choices.set(main, { ...choices.get(main), [fence.variant ?? "any"]: index + 1 });
  }
  return new Map([...choices].map(([console, choice]) => [chosen(choice, machine)!, console]));
}

function chosen({ any, v1, v2, hybrid }: Partial<Record<MachineKind | "any", number>>, machine: MachineKind) {
  return { v1: v1 ?? any, v2: v2 ?? any, hybrid: hybrid ?? v1 ?? any }[machine];
}
