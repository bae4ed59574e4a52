// Values as Docker's flags take them: whole numbers, truth, sizes (`512m`, `1.5g`), CPUs, spans of time (`1m30s`).
// The rules and the words of the refusals are Go's, since that is what people's scripts and fingers know
// (strconv, time.ParseDuration, docker/go-units). Every function here throws a UserError with the bare reason;
// flags.ts puts the flag's name in front.

import { UserError } from "../../01-syscalls/index.ts";

/** A signed 64-bit number. Beyond 2^53 the last digits are rounded. */
export function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw invalidSyntax("ParseInt", text);
  if (BigInt(text) !== BigInt.asIntN(64, BigInt(text))) throw outOfRange("ParseInt", text);
  return Number(text);
}

/** A number of 0 to 65535. */
export function unsigned16(text: string): number {
  if (!/^\d+$/.test(text)) throw invalidSyntax("ParseUint", text);
  if (Number(text) > 0xffff) throw outOfRange("ParseUint", text);
  return Number(text);
}

export function boolean(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw invalidSyntax("ParseBool", text);
}

function invalidSyntax(call: string, text: string): UserError {
  return new UserError(`strconv.${call}: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function outOfRange(call: string, text: string): UserError {
  return new UserError(`strconv.${call}: parsing ${JSON.stringify(text)}: value out of range`);
}

// ---- sizes

const UNITS = "bkmgtp";

/** `64`, `64k`, `1.5GiB`, `2 mb` → bytes; every unit is 1024 of the one before. */
export function bytes(text: string): number {
  const [, number = "", suffix = ""] = /^(.*[\d.])\s?([^\d.]*)$/s.exec(text) ?? [];
  if (number === "" || number.startsWith("-")) throw new UserError(`invalid size: '${text}'`);
  if (!/^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number)) throw invalidSyntax("ParseFloat", number);
  return Math.trunc(Number(number) * 1024 ** power(suffix.toLowerCase()));
}

function power(suffix: string): number {
  if (!/^(b|[kmgtp](b|ib)?)?$/.test(suffix)) throw new UserError(`invalid suffix: '${suffix}'`);
  return Math.max(0, UNITS.indexOf(suffix[0] ?? "b"));
}

/** As `bytes`, or -1 for no limit. */
export function bytesOrUnlimited(text: string): number {
  return text === "-1" ? -1 : bytes(text);
}

/** `1.5` or `3/2` → billionths of a CPU. */
export function nanoCpus(text: string): number {
  const [, top = "", bottom = "1"] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\/(\d+))?$/.exec(text) ?? [];
  if (top === "" || Number(bottom) === 0) throw new UserError(`failed to parse ${text} as a rational number`);
  const nanos = (Number(top) * 1e9) / Number(bottom);
  if (Math.abs(nanos - Math.round(nanos)) > 1e-4) throw new UserError("value is too precise");
  return Math.round(nanos);
}

// ---- time

const NANOSECONDS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** `1m30s`, `1.5h`, `300ms` → milliseconds. */
export function durationMs(text: string): number {
  const [, sign = "", rest = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === "0") return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)[a-zµμ]*)+$/i.test(rest))
    throw new UserError(`time: invalid duration ${JSON.stringify(text)}`);
  const parts = [...rest.matchAll(/([\d.]+)([^\d.]*)/g)];
  const nanoseconds = parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitOf(unit ?? "", text), 0);
  return (sign === "-" ? -nanoseconds : nanoseconds) / 1e6;
}

function unitOf(unit: string, text: string): number {
  const quoted = JSON.stringify(text);
  if (unit === "") throw new UserError(`time: missing unit in duration ${quoted}`);
  const nanoseconds = NANOSECONDS[unit];
  if (nanoseconds === undefined)
    throw new UserError(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
  return nanoseconds;
}
