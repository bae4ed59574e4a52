// Instructions that only say something about the image: who runs it, which ports it listens on, where its volumes are, how
// it is stopped and asked for its health. None of them changes a file.

import { UserError } from "../../01-syscalls/index.ts";
import type { ProcessConfig } from "../../06-images/index.ts";
import { parseSignal } from "../../10-containers/signals.ts";
import { type Arguments, expanded, expandedWords, type Kind, requireWords, wordsOf } from "../deed.ts";
import { type Line, mistakeIn } from "../lines.ts";
import { jsonList, type Word } from "../words.ts";

/** The rest of the line is one value, spaces and all. */
function wholeRest(written: Arguments): Word {
  requireWords(written, 1);
  return written.rest;
}

export const user: Kind<Word> = {
  parse: (written) => requireWords(written, 1, 1)[0]!,
  plan(word, around, line) {
    const User = expanded(word, around, line);
    return { process: { ...around.process, User }, history: `USER ${User}` };
  },
};

export const stopsignal: Kind<Word> = {
  parse: (written) => requireWords(written, 1, 1)[0]!,
  plan(word, around, line) {
    const StopSignal = expanded(word, around, line);
    try {
      parseSignal(StopSignal);
    } catch (error) {
      throw error instanceof UserError ? mistakeIn(line, error.message, word) : error;
    }
    return { process: { ...around.process, StopSignal }, history: `STOPSIGNAL ${StopSignal}` };
  },
};

export const maintainer: Kind<Word> = {
  parse: wholeRest,
  plan: ({ text }) => ({ author: text, history: `MAINTAINER ${text}` }),
};

export const expose: Kind<Word[]> = {
  parse: (written) => requireWords(written, 1),
  plan(words, around, line) {
    const ports = words.flatMap((word) => expandedWords(word, around, line).flatMap((text) => portsOf(text, word)));
    const ExposedPorts = setOf(around.process.ExposedPorts, ports);
    return { process: { ...around.process, ExposedPorts }, history: `EXPOSE ${mapText(ports)}` };

    function portsOf(text: string, word: Word): string[] {
      const [, first = "", last = first, protocol = "tcp"] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(text) ?? [];
      const [low, high] = [Number(first), Number(last)];
      const isPort = first !== "" && low <= high && high <= 65535 && /^(tcp|udp|sctp)$/i.test(protocol);
      if (!isPort) throw mistakeIn(line, `invalid containerPort: ${text}`, word);
      return Array.from({ length: high - low + 1 }, (_, index) => `${low + index}/${protocol.toLowerCase()}`);
    }
  },
};

export const volume: Kind<Word[]> = {
  parse(written) {
    const list = jsonList(written.rest.text);
    const words = list?.map((text) => ({ text, at: written.rest.at })) ?? wordsOf(written);
    if (words.length === 0) throw mistakeIn(written.line, "VOLUME requires at least one argument");
    return words;
  },
  plan(words, around, line) {
    const paths = words.map((word) => {
      const path = expanded(word, around, line);
      if (path === "") throw mistakeIn(line, "VOLUME specified can not be an empty string", word);
      return path;
    });
    const Volumes = setOf(around.process.Volumes, paths);
    return { process: { ...around.process, Volumes }, history: `VOLUME [${paths.join(" ")}]` };
  },
};

/** The line is kept as it is, and carried out by whoever builds from this image. */
export const onbuild: Kind<Word> = {
  parse(written) {
    const word = wholeRest(written);
    checkTrigger(written.line, word);
    return word;
  },
  plan({ text }, { process }) {
    return { process: { ...process, OnBuild: [...(process.OnBuild ?? []), text] }, history: `ONBUILD ${text}` };
  },
};

/** ONBUILD may hold any instruction but these. */
function checkTrigger(line: Line, word: Word): void {
  const [name = ""] = word.text.split(/\s/, 1);
  const keyword = name.toUpperCase();
  if (keyword === "ONBUILD") throw mistakeIn(line, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", word);
  if (keyword === "FROM" || keyword === "MAINTAINER") {
    throw mistakeIn(line, `${keyword} isn't allowed as an ONBUILD trigger`, word);
  }
}

/** Go writes a set as a map of nothing, sorted. */
function setOf(known: ProcessConfig["Volumes"], added: string[]): Record<string, object> {
  const names = new Set([...Object.keys(known ?? {}), ...added]);
  return Object.fromEntries([...names].sort().map((name) => [name, {}]));
}

function mapText(names: string[]): string {
  return `map[${names.map((name) => `${name}:{}`).join(" ")}]`;
}
