// What a container may do, as a letter: a line for each kind of power, marked where it is more or less than Docker's
// default, and then what that would be.

import type { Degree, Power } from "../../10-containers/look/powers.ts";
import { colours } from "./colours.ts";
import { padTo } from "./width.ts";
import { wrapWords } from "./wrap-words.ts";

const SIGNS: Record<Degree, string> = { less: "−", default: "=", more: "+", open: "!" };
const NAME = 14;
const WIDTH = 100;

export function securityLetter(powers: readonly Power[], output: { isTTY?: boolean }): string {
  const paint = colours(output);
  const colour = { less: paint.green, default: paint.dim, more: paint.yellow, open: paint.red };
  const lines = powers.flatMap(({ name, degree, here, byDefault, privileged }) => {
    const compared = degree === "default" ? [] : [`default: ${byDefault}; --privileged: ${privileged}`];
    const [first = "", ...rest] = wrapWords(here, WIDTH - NAME);
    return [
      `${colour[degree](SIGNS[degree])} ${padTo(name, NAME)}${first}`,
      ...rest.map((line) => `  ${" ".repeat(NAME)}${line}`),
      ...compared
        .flatMap((text) => wrapWords(text, WIDTH - NAME))
        .map((line) => `  ${" ".repeat(NAME)}${paint.dim(line)}`),
    ];
  });
  return [...lines, "", summary(powers), ""].join("\n");
}

/** The signs, explained by what there is of each. */
function summary(powers: readonly Power[]): string {
  const names = (wanted: Degree) => powers.filter(({ degree }) => degree === wanted).map(({ name }) => name);
  const words: [Degree, string][] = [
    ["less", "less than Docker's default"],
    ["more", "more than Docker's default"],
    ["open", "as open as with --privileged"],
  ];
  const told = words.filter(([degree]) => names(degree).length > 0);
  if (told.length === 0) return "As Docker's default.";
  return told.map(([degree, text]) => `${SIGNS[degree]} ${text}: ${names(degree).join(", ")}`).join("\n");
}
