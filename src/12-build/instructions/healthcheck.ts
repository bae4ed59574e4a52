// HEALTHCHECK: a command that says whether the container is well, and how often it is asked.

import type { Healthcheck } from "../../06-images/index.ts";
import { type Arguments, flagOf, type Kind, requireWords } from "../deed.ts";
import { parseDuration } from "../duration.ts";
import { mistakeIn } from "../lines.ts";
import { jsonList } from "../words.ts";

const TIMES = {
  interval: "Interval",
  timeout: "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
} as const;

export const healthcheck: Kind<Healthcheck> = {
  flags: [...Object.keys(TIMES), "retries"],
  parse(written) {
    const [type] = requireWords(written, 1);
    const name = type!.text.toUpperCase();
    if (name === "NONE") return none(written);
    if (name !== "CMD") throw mistakeIn(written.line, `Unknown type "${name}" in HEALTHCHECK (try CMD)`, type);
    const text = written.rest.text.slice(type!.text.length).trim();
    if (text === "") throw mistakeIn(written.line, "Missing command after HEALTHCHECK CMD", type);
    const list = jsonList(text);
    const Test = list ? ["CMD", ...list] : ["CMD-SHELL", text];
    return { Test, ...timesOf(written), ...retriesOf(written) };
  },
  plan(Healthcheck, { process }) {
    return { process: { ...process, Healthcheck }, history: `HEALTHCHECK ${JSON.stringify(Healthcheck)}` };
  },
};

function none(written: Arguments): Healthcheck {
  const [, stray] = requireWords(written, 1);
  if (stray) throw mistakeIn(written.line, "HEALTHCHECK NONE takes no arguments", stray);
  return { Test: ["NONE"] };
}

function timesOf(written: Arguments): Healthcheck {
  const given = Object.entries(TIMES).flatMap(([flag, field]) => {
    const word = flagOf(written, flag);
    if (!word) return [];
    const nanoseconds = parseDuration(word.text);
    if (nanoseconds !== undefined && (nanoseconds === 0 || nanoseconds >= 1e6)) return [[field, nanoseconds]];
    const problem = nanoseconds === undefined ? "is no duration" : "cannot be less than 1ms";
    throw mistakeIn(written.line, `${flag} ${JSON.stringify(word.text)} ${problem}`, word);
  });
  return Object.fromEntries(given);
}

function retriesOf(written: Arguments): Healthcheck {
  const word = flagOf(written, "retries");
  if (!word) return {};
  if (/^\d+$/.test(word.text)) return { Retries: Number(word.text) };
  throw mistakeIn(written.line, "--retries must be a whole number", word);
}
