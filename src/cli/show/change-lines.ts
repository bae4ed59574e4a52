// What a call changed, as lines with a sign: + is there now, - is gone, ~ is another.

import type { ChalkInstance } from "chalk";
import type { Change } from "../../10-containers/explain/changes.ts";
import type { Area } from "../../10-containers/explain/observe.ts";
import { shortIds } from "./call-lines.ts";
import type { Look } from "./explain.ts";
import { padTo, truncate } from "./width.ts";

/** Where a container's root is before it is the root: too long to say each time. */
const BUNDLE = /\S*\/containers\/[0-9a-f]{64}\/rootfs/g;

type Sign = "+" | "-" | "~";

const LABEL = 12;
/** More of one kind are one line where there can be any number: unmounting the host's tree takes away forty mounts. */
const MANY = 6;
const UNBOUNDED: Area[] = ["mount", "capability", "descriptor"];

/** At most `columns` wide each. */
export function changeLines(changes: Change[], look: Look): string[] {
  const kinds = [...new Set(changes.map(kindOf))];
  return kinds.flatMap((kind) =>
    kindLines(
      changes.filter((change) => kindOf(change) === kind),
      look,
    ),
  );
}

/** `own` are of one kind, and not none. */
function kindLines(own: Change[], look: Look): string[] {
  const [first] = own as [Change];
  const isOneLine = own.length > MANY && UNBOUNDED.includes(first.area);
  const texts = own.slice(0, isOneLine ? MANY : undefined).map(textOf);
  const shown = isOneLine ? [`${own.length} of them: ${texts.join(", ")}, …`] : texts;
  return shown.map((text) => line(signOf(first), first.area, text, look));
}

function textOf(change: Change): string {
  return shortIds(describe(change).replaceAll(BUNDLE, "…/rootfs"));
}

function line(sign: Sign, area: string, text: string, { columns, paint }: Look): string {
  const colour = COLOURS[sign](paint);
  return `${colour(`${sign} ${padTo(area, LABEL)}`)}${truncate(text, columns - LABEL - 2)}`;
}

const COLOURS: Record<Sign, (paint: ChalkInstance) => ChalkInstance> = {
  "+": (paint) => paint.green,
  "-": (paint) => paint.red,
  "~": (paint) => paint.yellow,
};

function signOf({ before, after }: Change): Sign {
  return before === undefined ? "+" : after === undefined ? "-" : "~";
}

/** Each set of capabilities is a kind of its own. */
function kindOf(change: Change): string {
  const set = change.area === "capability" ? change.name.split(" ")[0] : "";
  return `${signOf(change)} ${change.area} ${set}`;
}

function describe({ area, name, before, after }: Change): string {
  if (area === "mount") return describeMount(before?.split(" "), after?.split(" "));
  if (area === "capability") return name;
  if (before === undefined || after === undefined) return `${name}  ${before ?? after}`;
  return `${name}  ${before || "none"} → ${after || "none"}`;
}

/** Words as observe.ts has them: where, type, source, options, propagation. */
function describeMount(before: string[] | undefined, after: string[] | undefined): string {
  const [place, type, , options] = (after ?? before)!;
  if (!before || !after) return `${place}  ${type}  ${options}`;
  const changed = after.flatMap((word, index) => (word === before[index] ? [] : [`${before[index]} → ${word}`]));
  return before[0] === after[0] ? `${place}  ${changed.join(", ")}` : changed.join(", ");
}
