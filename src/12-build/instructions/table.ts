// All instructions, by name: how each is written, and what it does. FROM begins a stage and belongs to `stages.ts`.

import { type Arguments, checkFlags, type Kind, type Statement } from "../deed.ts";
import { type Line, placeAt } from "../lines.ts";
import { mistake, nearest } from "../mistake.ts";
import { splitFlags } from "../words.ts";
import { add, copy } from "./copy.ts";
import { arg, env, label } from "./environment.ts";
import { from } from "./from.ts";
import { healthcheck } from "./healthcheck.ts";
import { expose, maintainer, onbuild, stopsignal, user, volume } from "./metadata.ts";
import { cmd, entrypoint, shell } from "./process.ts";
import { run } from "./run.ts";
import { workdir } from "./workdir.ts";

// biome-ignore lint/suspicious/noExplicitAny: what a kind has parsed, only that kind plans.
const KINDS: Record<string, Kind<any>> = {
  FROM: from,
  ARG: arg,
  ENV: env,
  RUN: run,
  COPY: copy,
  ADD: add,
  WORKDIR: workdir,
  USER: user,
  CMD: cmd,
  ENTRYPOINT: entrypoint,
  SHELL: shell,
  LABEL: label,
  EXPOSE: expose,
  VOLUME: volume,
  STOPSIGNAL: stopsignal,
  HEALTHCHECK: healthcheck,
  ONBUILD: onbuild,
  MAINTAINER: maintainer,
};

const MAKE_FILES = new Set(["RUN", "COPY", "ADD", "WORKDIR"]);

/** Understands an instruction. Throws UserError that points at what is wrong. */
export function readStatement(line: Line): Statement {
  const [name = ""] = /^\S+/.exec(line.text) ?? [];
  const keyword = name.toUpperCase();
  const kind = Object.hasOwn(KINDS, keyword) ? KINDS[keyword] : undefined;
  if (!kind) throw unknown(line, name);
  const { flags, rest } = splitFlags(line.text, name.length, line.escapeSign);
  const text = line.text.slice(rest).trimStart();
  const written: Arguments = { line, keyword, flags, rest: { text, at: line.text.length - text.length } };
  checkFlags(written, kind.flags ?? []);
  const wish: unknown = kind.parse(written);
  return {
    keyword,
    line,
    wish,
    text: `${keyword}${line.text.slice(name.length)}`,
    needs: kind.needs?.(wish) ?? [],
    makesFiles: MAKE_FILES.has(keyword),
    plan: (around) => kind.plan(wish, around, line),
  };
}

function unknown(line: Line, name: string): Error {
  const guess = nearest(name, Object.keys(KINDS));
  const hint = guess === undefined ? undefined : `did you mean ${guess}?`;
  return mistake(line.source, placeAt(line, 0, name.length), `unknown instruction: ${name}`, hint);
}
