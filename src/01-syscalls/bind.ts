// Replaces registers whose values are known by those values; the others stay for whoever carries the step out.

import type { Arg, Field, Ref, Register, Step, Text } from "./step.ts";

/** Values by register name. A negative one is -errno of an allowed failure. */
export type Registers = Record<string, number>;

/** The same step with `registers` filled in. */
export function bindStep(step: Step, registers: Registers): Step {
  return { ...step, args: step.args.map((arg) => bindArg(arg, registers)) };
}

/** The registers a step reads. */
export function refsOf(arg: Arg): Ref[] {
  if (typeof arg !== "object" || arg === null || arg instanceof Uint8Array) return [];
  if ("reg" in arg) return [arg];
  if ("text" in arg) return arg.text.filter((part) => typeof part !== "string");
  if ("strings" in arg) return arg.strings.flatMap(refsOf);
  if ("struct" in arg) return arg.struct.flatMap((field) => refsOf(field.value));
  return [];
}

/** The registers the kernel sets through this argument. */
export function outsOf(arg: Arg): Register[] {
  if (typeof arg !== "object" || arg === null || arg instanceof Uint8Array) return [];
  if ("struct" in arg) return arg.struct.flatMap((field) => outsOf(field.value));
  return "out" in arg ? arg.out : [];
}

function bindArg(arg: Arg, registers: Registers): Arg {
  if (typeof arg !== "object" || arg === null || arg instanceof Uint8Array) return arg;
  if ("reg" in arg) return registers[arg.reg] ?? arg;
  if ("text" in arg) return bindText(arg, registers);
  if ("strings" in arg) return { strings: arg.strings.map((text) => bindArg(text, registers) as string | Text) };
  if ("struct" in arg) return { struct: arg.struct.map((field) => bindField(field, registers)) };
  return arg;
}

/** The text as it is, where every register in it is known. */
export function bindText({ text }: Text, registers: Registers): string | Text {
  const parts = text.map((part) => (typeof part === "string" ? part : (registers[part.reg]?.toString() ?? part)));
  return parts.every((part) => typeof part === "string") ? parts.join("") : { text: parts };
}

function bindField(field: Field, registers: Registers): Field {
  return { ...field, value: bindArg(field.value, registers) as Field["value"] };
}
