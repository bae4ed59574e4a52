// `--change`: one line as a Dockerfile has it, applied to what an image does by default. Only lines that change the config
// and no files can stand here. See the Dockerfile reference.

import { posix } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import type { ProcessConfig } from "./config.ts";

type Change = (config: ProcessConfig, rest: string) => ProcessConfig;

const CHANGES: Record<string, Change> = {
  CMD: (config, rest) => ({ ...config, Cmd: commandOf(rest) }),
  // Whoever changes what is started changes what it is told, too.
  ENTRYPOINT: (config, rest) => ({ ...config, Entrypoint: commandOf(rest), Cmd: null }),
  ENV: (config, rest) => ({ ...config, Env: pairsOf(rest).reduce(withVariable, config.Env ?? []) }),
  EXPOSE: (config, rest) => ({
    ...config,
    ExposedPorts: { ...config.ExposedPorts, ...setOf(wordsOf(rest).map(port)) },
  }),
  HEALTHCHECK: (config, rest) => ({ ...config, Healthcheck: { Test: testOf(rest) } }),
  LABEL: (config, rest) => ({ ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairsOf(rest)) } }),
  ONBUILD: (config, rest) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), rest] }),
  STOPSIGNAL: (config, rest) => ({ ...config, StopSignal: rest }),
  USER: (config, rest) => ({ ...config, User: rest }),
  VOLUME: (config, rest) => ({ ...config, Volumes: { ...config.Volumes, ...setOf(listOf(rest) ?? wordsOf(rest)) } }),
  WORKDIR: (config, rest) => ({ ...config, WorkingDir: posix.resolve("/", config.WorkingDir ?? "/", rest) }),
};

/** `ENV A=1`, `CMD ["sh"]`, … in any case. Throws UserError for what is no such line. */
export function changeConfig(config: ProcessConfig, line: string): ProcessConfig {
  const [, word = "", rest = ""] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(line) ?? [];
  const name = word.toUpperCase();
  if (!Object.hasOwn(CHANGES, name)) throw new UserError(`${word || '""'} is not a valid change command`);
  if (rest === "") throw new UserError(`${name} requires at least one argument`);
  return CHANGES[name]!(config, rest);
}

/** A JSON list is the command itself; anything else is a line for a shell. */
function commandOf(text: string): string[] {
  return listOf(text) ?? ["/bin/sh", "-c", text];
}

function listOf(text: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((word) => typeof word === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

function testOf(text: string): string[] {
  if (text.toUpperCase() === "NONE") return ["NONE"];
  const [, command] = /^CMD\s+(.+)$/is.exec(text) ?? [];
  if (command === undefined) throw new UserError(`HEALTHCHECK takes NONE, or CMD and a command: ${text}`);
  const list = listOf(command);
  return list ? ["CMD", ...list] : ["CMD-SHELL", command];
}

/** `80` → `80/tcp` */
function port(word: string): string {
  const [, number, protocol = "tcp"] = /^(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/.exec(word) ?? [];
  if (number === undefined) throw new UserError(`invalid containerPort: ${word}`);
  return `${number}/${protocol}`;
}

function setOf(names: string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function withVariable(env: string[], [name, value]: [string, string]): string[] {
  return [...env.filter((one) => !one.startsWith(`${name}=`)), `${name}=${value}`];
}

/** `A=1 B="two words"`, or the old way: `A whatever follows`. */
function pairsOf(text: string): [string, string][] {
  const [first = ""] = wordsOf(text);
  if (!first.includes("=")) return [[first, text.slice(first.length).trim()]];
  return wordsOf(text).map((word) => {
    const at = word.indexOf("=");
    if (at <= 0)
      throw new UserError(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

/** Words without their quotes; a backslash takes the meaning from what follows it. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"\\])+/gs) ?? [];
  const parts = /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs;
  return words.map((word) =>
    word.replace(parts, (_, single, double, escaped) => single ?? double?.replace(/\\(["\\$])/g, "$1") ?? escaped),
  );
}
