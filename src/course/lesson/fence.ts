// The words behind the three backticks say what a fence is:
//
//     ts src/02-rootfs/pivot.ts#pivotSteps     code, and where it is from; `ts reveal …` is for later
//     console [host] [attack] [v1|hybrid|v2] [varies=pid,time]
//     predict
//     text                                     anything else that keeps its lines

import type { MachineKind } from "./lesson.ts";
import { FIELDS, type Field, isField } from "./varying.ts";

/** Where code is from: a file of the package, and what in it. */
export interface Source {
  path: string;
  symbol?: string;
}

export type Fence =
  | { kind: "code"; language: string; source: Source; isReveal: boolean }
  | { kind: "console"; isHost: boolean; isAttack: boolean; varies: Field[]; variant?: MachineKind }
  | { kind: "predict" }
  | { kind: "picture" };

const CODE = ["ts", "c", "h", "js", "mjs", "sh"];
const MACHINES: MachineKind[] = ["v1", "hybrid", "v2"];

/** Throws Error with what is wrong. */
export function readFence(words: string): Fence {
  const [language = "", ...rest] = words.split(" ").filter((word) => word !== "");
  if (language === "console") return consoleFence(rest);
  if (language === "predict" && rest.length === 0) return { kind: "predict" };
  if (language === "text" && rest.length === 0) return { kind: "picture" };
  if (CODE.includes(language)) return codeFence(language, rest);
  throw new Error(`\`\`\`${words}: there are ${CODE.join(", ")} with a path, console, predict and text`);
}

function codeFence(language: string, words: string[]): Fence {
  const isReveal = words[0] === "reveal";
  const [place, ...more] = isReveal ? words.slice(1) : words;
  if (place === undefined || more.length > 0)
    throw new Error(`code says where it is from: \`\`\`${language} src/…/file.ts#symbol`);
  return { kind: "code", language, source: readSource(place), isReveal };
}

export function readSource(place: string): Source {
  const [path = "", symbol] = place.split("#");
  return symbol === undefined ? { path } : { path, symbol };
}

function consoleFence(words: string[]): Fence {
  const fence: Fence & { kind: "console" } = { kind: "console", isHost: false, isAttack: false, varies: [] };
  for (const word of words) {
    const machine = MACHINES.find((name) => name === word);
    if (word === "host") fence.isHost = true;
    else if (word === "attack") fence.isAttack = true;
    else if (machine) fence.variant = machine;
    else if (word.startsWith("varies=")) fence.varies = fieldsOf(word.slice("varies=".length));
    else throw new Error(`a console can't be "${word}"`);
  }
  return fence;
}

function fieldsOf(list: string): Field[] {
  return list.split(",").map((name) => {
    if (isField(name)) return name;
    throw new Error(`there is no field "${name}" that may vary: only ${Object.keys(FIELDS).join(", ")}`);
  });
}
