// Moments on the command line: `--since 42m` is so long ago, `--until 2026-01-02T13:23:37Z` a time, `1136073600` seconds
// since 1970. A time without a zone is in this machine's. The rules are Docker's (moby: api/types/time/timestamp.go).

import { UserError } from "../../01-syscalls/index.ts";
import { durationMs } from "./values.ts";

const SECOND = 1_000_000_000n;

/** Nanoseconds since 1970. @throws UserError */
export function moment(text: string, now = Date.now()): bigint {
  return unixTime(text) ?? calendarTime(text) ?? ago(text, now);
}

/** `1136073600.000000001` */
function unixTime(text: string): bigint | undefined {
  const [, seconds, fraction = ""] = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  return seconds === undefined ? undefined : BigInt(seconds) * SECOND + nanoseconds(fraction);
}

const CALENDAR = /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d\d:\d\d)?$/i;

function calendarTime(text: string): bigint | undefined {
  const [, date, hours = "00", minutes = "00", seconds = "00", fraction = "", zone = ""] = CALENDAR.exec(text) ?? [];
  const ms =
    date === undefined ? Number.NaN : Date.parse(`${date}T${hours}:${minutes}:${seconds}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + nanoseconds(fraction);
}

function ago(text: string, now: number): bigint {
  try {
    return BigInt(Math.round(now - durationMs(text))) * 1_000_000n;
  } catch {
    throw new UserError(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  }
}

function nanoseconds(fraction: string): bigint {
  return BigInt(fraction.padEnd(9, "0"));
}

/** RFC 3339 with all nine digits: `2026-11-28T16:36:09.264878822Z`. Such texts compare as the times they stand for. */
export function rfc3339(ns: bigint): string {
  const [seconds, rest] = [ns / SECOND, ns % SECOND];
  const text = new Date(Number(seconds) * 1000).toISOString();
  return text.replace(/\.\d+Z$/, `.${String(rest).padStart(9, "0")}Z`);
}

/** The same in this machine's time zone: `2026-11-28T17:36:09.264878822+01:00`. */
export function localRfc3339(ns: bigint): string {
  const offset = -new Date(Number(ns / 1_000_000n)).getTimezoneOffset();
  if (offset === 0) return rfc3339(ns);
  const size = Math.abs(offset);
  const pad = (number: number) => String(number).padStart(2, "0");
  const zone = `${offset < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
  return rfc3339(ns + BigInt(offset) * 60n * SECOND).replace("Z", zone);
}
