// The floor: the very plan of a container as straight C. Every step becomes one system call written out, every register a
// variable, every argument a constant; nothing is decided and nothing interpreted while it runs. What a container takes
// beyond this program is what our launcher, its protocol and Node cost.
//
// What comes before and after the steps (a process to carry them out, the clock) is in floor.h.

import { outsOf, refsOf } from "../src/01-syscalls/bind.ts";
import {
  type Arg,
  callNumber,
  ERRNO,
  type Errno,
  type Field,
  type Plan,
  type Register,
  type Step,
  type Text,
} from "../src/01-syscalls/index.ts";

/** The program's source. It is compiled with `native/` and `bench/` as include folders. */
export function floorSource(plan: Plan): string {
  const writer = new Writer();
  const lists = (["before", "beside", "inside"] as const).map((name) => writer.list(name, plan[name]));
  return [
    "// Made from a plan by bench/floor.ts.",
    '#include "floor.h"\n',
    ...writer.declarations,
    "",
    ...lists.map(
      ({ name, lines }) => `static long ${name}(void) {\n  long result = 0;\n${lines}\n  return result;\n}\n`,
    ),
    "int main(int argc, char **argv, char **envp) {\n  (void)envp;\n  control_register = &r_control, pid_register = &r_pid;\n  return carry_out(argc, argv, before, beside, inside);\n}\n",
  ].join("\n");
}

/** The names of the calls in the source of a list, in order: what is compared with the plan. */
export function callsIn(source: string, list: keyof Plan): string[] {
  const body = source.split(`static long ${list}(void) {`)[1]?.split("\n}\n")[0] ?? "";
  return [...body.matchAll(/sys\(\d+ \/\* (\w+) \*\//g)].map(([, name = ""]) => name);
}

class Writer {
  declarations = ["static long r_control = CONTROL, r_pid;"];
  private readonly registers = new Set<Register>(["control", "pid"]);
  /** Registers that may hold an allowed failure, so that the steps that use them may have to be left out. */
  private readonly doubtful = new Set<Register>();
  private count = 0;

  list(name: keyof Plan, steps: Step[]): { name: string; lines: string } {
    return { name, lines: steps.map((step, index) => this.step(step, `${name}[${index}]`)).join("\n") };
  }

  private step(step: Step, place: string): string {
    const prepared: string[] = [];
    const args = step.args.map((arg) => this.arg(arg, prepared));
    const call = `sys(${[`${callNumber(step.call)} /* ${step.call} */`, ...args].join(", ")})`;
    const lines = [
      ...prepared,
      step.retry ? `do result = ${call}; while (${isOneOf(step.retry)});` : `result = ${call};`,
      `if (${hasFailed(step)}) fail("${place}", result);`,
      ...this.results(step, args),
    ];
    return this.guarded(step, lines)
      .map((line) => `  ${line}`)
      .join("\n");
  }

  private guarded({ args, as, allow }: Step, lines: string[]): string[] {
    const doubts = args.flatMap(refsOf).filter(({ reg }) => this.doubtful.has(reg));
    if (as !== undefined && (allow || doubts.length > 0)) this.doubtful.add(as);
    if (doubts.length === 0) return lines;
    const condition = doubts.map(({ reg }) => `${this.register(reg)} >= 0`).join(" && ");
    const otherwise = as === undefined ? "}" : `} else ${this.register(as)} = -1;`;
    return [`if (${condition}) {`, ...lines.map((line) => `  ${line}`), otherwise];
  }

  private results({ args, as }: Step, written: string[]): string[] {
    const outs = args.flatMap((arg, place) =>
      outsOf(arg).map((name, index) => `${this.register(name)} = ${written[place]}[${index}];`),
    );
    return [...outs, ...(as === undefined ? [] : [`${this.register(as)} = result;`])];
  }

  private register(name: Register): string {
    const variable = `r_${name.replaceAll(/\W/g, "_")}`;
    if (!this.registers.has(name)) this.declarations.push(`static long ${variable};`);
    this.registers.add(name);
    return variable;
  }

  private declare(kind: string, declaration: (name: string) => string): string {
    const name = `${kind}${++this.count}`;
    this.declarations.push(`static ${declaration(name)};`);
    return name;
  }

  /** The argument as a C expression; what has to be done just before the call is added to `prepared`. */
  private arg(arg: Arg, prepared: string[]): string {
    if (arg === null) return "0";
    if (typeof arg === "number" || typeof arg === "bigint") return integer(arg);
    if (typeof arg === "string") return literal(arg);
    if (arg instanceof Uint8Array) return this.declare("bytes", (name) => `const u8 ${name}[] = {${arg.join(", ")}}`);
    if ("reg" in arg) return this.register(arg.reg);
    if ("text" in arg) return this.text(arg, prepared);
    if ("strings" in arg) return this.strings(arg.strings, prepared);
    if ("out" in arg) return this.declare("out", (name) => `int ${name}[${arg.out.length}]`);
    if ("room" in arg) return this.declare("room", (name) => `u8 ${name}[${arg.room}]`);
    return `&${this.struct(arg.struct, prepared)}`;
  }

  private text({ text }: Text, prepared: string[]): string {
    const name = this.declare("text", (each) => `char ${each}[4096]`);
    const parts = text.map((part) =>
      typeof part === "string"
        ? `at = append(at, ${literal(part)});`
        : `at = decimal(at, (u64)${this.register(part.reg)}, 1);`,
    );
    prepared.push(`{ char *at = ${name}; ${parts.join(" ")} *at = 0; }`);
    return name;
  }

  private strings(strings: (string | Text)[], prepared: string[]): string {
    const fixed = strings.map((text) => (typeof text === "string" ? literal(text) : "0"));
    const name = this.declare("list", (each) => `const char *${each}[] = {${[...fixed, "0"].join(", ")}}`);
    strings.forEach((text, index) => {
      if (typeof text !== "string") prepared.push(`${name}[${index}] = ${this.text(text, prepared)};`);
    });
    return name;
  }

  /** C's own layout of the same fields. A pointer can't be a constant, so it is set before the call. */
  private struct(fields: Field[], prepared: string[]): string {
    const members = fields.map(({ name, type, value }, index) => ({
      name: `f${index}_${name.replaceAll(/\W/g, "")}`,
      type: type === "pointer" ? "u64" : type,
      value,
    }));
    const types = members.map(({ type, name }) => `${type} ${name};`).join(" ");
    const fixed = members.map(({ value }) => (isNumber(value) ? integer(value) : "0"));
    const name = this.declare("struct", (each) => `struct { ${types} } ${each} = {${fixed.join(", ")}}`);
    for (const { name: member, type, value } of members) {
      if (!isNumber(value)) prepared.push(`${name}.${member} = (${type})(long)${this.arg(value, prepared)};`);
    }
    return name;
  }
}

const isNumber = (value: unknown): value is number | bigint => typeof value === "number" || typeof value === "bigint";

function integer(value: number | bigint): string {
  return `${BigInt.asIntN(64, BigInt(value))}`.replace("-9223372036854775808", "-9223372036854775807 - 1");
}

/** In octal, where it isn't plain: unlike `\\x`, three digits are the end of it. */
function literal(text: string): string {
  const bytes = [...Buffer.from(text)];
  const plain = (byte: number) => byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
  const spelled = bytes.map((byte) =>
    plain(byte) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`,
  );
  return `"${spelled.join("")}"`;
}

function isOneOf(errnos: readonly Errno[]): string {
  return errnos.map((name) => `result == -${ERRNO[name]} /* ${name} */`).join(" || ");
}

function hasFailed({ allow, atLeast }: Step): string {
  const short = atLeast === undefined ? [] : [`(result >= 0 && result < ${atLeast})`];
  const refused = allow?.length ? `(result < 0 && !(${isOneOf(allow)}))` : "result < 0";
  return [refused, ...short].join(" || ");
}
