// What only `run` and its kin are asked: limits of a process, rates of a device, kernel settings, when to start again,
// which keys to leave by. Each function turns one flag's text into plain data or says, in Docker's words, why it can't.

import { UserError } from "../../01-syscalls/index.ts";
import type { DeviceRate, RestartPolicy, Ulimit } from "../../10-containers/spec/options.ts";
import { bytes, integer } from "./values.ts";

const ULIMITS = new Set(
  "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" "),
);

/** `nofile=1024:2048`, soft and hard; with one number both are that. */
export function ulimit(text: string): Ulimit {
  const [, name, soft = "", hard = soft] = /^([^=]*)=([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  if (name === undefined) throw new UserError(`invalid ulimit argument: ${text}`);
  if (!ULIMITS.has(name)) throw new UserError(`invalid ulimit type: ${name}`);
  return checkOrder({ name, hard: integer(hard), soft: integer(soft) });
}

function checkOrder(limit: Ulimit): Ulimit {
  const { soft, hard } = limit;
  const rule = "ulimit soft limit must be less than or equal to hard limit";
  if (hard !== -1 && soft === -1) throw new UserError(`${rule}: soft: -1 (unlimited), hard: ${hard}`);
  if (hard !== -1 && soft > hard) throw new UserError(`${rule}: ${soft} > ${hard}`);
  return limit;
}

export function swappiness(text: string): number {
  const value = integer(text);
  if (value < -1 || value > 100) throw new UserError(`invalid value: ${value}. Valid memory swappiness range is 0-100`);
  return value;
}

/** `/dev/sda:1mb`: bytes a second. */
export function bytesRate(text: string): DeviceRate {
  return deviceRate(text, bytes, "<number>[<unit>]", " Unit is optional and can be kb, mb, or gb");
}

/** `/dev/sda:100`: operations a second. */
export function operationsRate(text: string): DeviceRate {
  return deviceRate(text, unsigned, "<number>", "");
}

function unsigned(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : -1;
}

function deviceRate(text: string, parse: (text: string) => number, format: string, more: string): DeviceRate {
  const colon = text.indexOf(":");
  const path = text.slice(0, colon);
  if (colon < 1) throw new UserError(`bad format: ${text}`);
  if (!path.startsWith("/dev/")) throw new UserError(`bad format for device path: ${text}`);
  const rate = parsedOr(-1, () => parse(text.slice(colon + 1)));
  const rule = `The correct format is <device-path>:${format}. Number must be a positive integer.${more}`;
  if (rate < 0) throw new UserError(`invalid rate for device: ${text}. ${rule.replace(/\.$/, "")}`);
  return { path, rate };
}

function parsedOr<T>(otherwise: T, parse: () => T): T {
  try {
    return parse();
  } catch {
    return otherwise;
  }
}

/** `c 10:* rwm` */
export function deviceCgroupRule(text: string): string {
  if (/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(text)) return text;
  throw new UserError(`invalid device cgroup format '${text}'`);
}

const NAMESPACED_SYSCTLS = new Set(
  "msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced".split(" ").map((name) => `kernel.${name}`),
);

/** `net.core.somaxconn=1024`: a setting that belongs to a namespace; any other would be changed for the whole machine. */
export function sysctl(text: string): string {
  const [name = ""] = text.split("=", 1);
  const isNamespaced = NAMESPACED_SYSCTLS.has(name) || /^(net|fs\.mqueue)\./.test(name);
  if (text.includes("=") && isNamespaced) return text;
  throw new UserError(`sysctl '${text}' is not allowed`);
}

const POLICIES = ["no", "always", "on-failure", "unless-stopped"];

/** `on-failure:3` */
export function restartPolicy(text: string): RestartPolicy {
  const [name = "", count = ""] = text.split(":", 2);
  if (name === "" && text !== "") throw badRestart("no policy provided before colon");
  if (!/^[+-]?\d*$/.test(count)) throw badRestart("maximum retry count must be an integer");
  return checkPolicy({ name: (name || "no") as RestartPolicy["name"], maximumRetryCount: Number(count) });
}

function badRestart(reason: string): UserError {
  return new UserError(`invalid restart policy format: ${reason}`);
}

function checkPolicy(policy: RestartPolicy): RestartPolicy {
  const { name, maximumRetryCount } = policy;
  const invalid = (reason: string) => new UserError(`invalid restart policy: ${reason}`);
  const list = "'no', 'always', 'on-failure', or 'unless-stopped'";
  if (!POLICIES.includes(name)) throw invalid(`unknown policy '${name}'; use one of ${list}`);
  if (maximumRetryCount < 0) throw invalid("maximum retry count cannot be negative");
  if (maximumRetryCount > 0 && name !== "on-failure") {
    throw invalid("maximum retry count can only be used with 'on-failure'");
  }
  return policy;
}

/** `ctrl-p,ctrl-q` → the bytes a terminal sends for it. */
export function detachKeys(text: string): number[] {
  return text.split(",").map(keyCode);
}

function keyCode(key: string): number {
  const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
  if (/^[\x00-\x7f]$/.test(key)) return key.charCodeAt(0);
  throw new UserError(`Unknown character: '${key}'`);
}

/** STDIN, STDOUT or STDERR, in any case. */
export function stream(text: string): string {
  const name = text.toLowerCase();
  if (/^std(in|out|err)$/.test(name)) return name;
  throw new UserError("valid streams are STDIN, STDOUT and STDERR");
}

export function ipAddress(text: string): string {
  if (isAddress(text.trim())) return text.trim();
  throw new UserError(`IP address is not correctly formatted: ${text}`);
}

/** `host:address` or `host=[address]` → `host:address` */
export function extraHost(text: string): string {
  const [, host, bracketed = ""] = /^([^:=]+)[:=](.*)$/s.exec(text) ?? [];
  if (host === undefined) throw new UserError(`bad format for add-host: ${JSON.stringify(text)}`);
  const address = bracketed.replace(/^\[(.+)\]$/s, "$1");
  if (!isAddress(address)) throw new UserError(`invalid IP address in add-host: ${JSON.stringify(address)}`);
  return `${host}:${address}`;
}

/** Loaded when asked for only: the module costs more than all the rest of the flags. */
function isAddress(text: string): boolean {
  return process.getBuiltinModule("node:net").isIP(text) !== 0;
}

/** A module of somebody's own, for a stage. */
export interface StageModule {
  /** `03`, or `03-namespaces`. */
  stage: string;
  path: string;
}

/** `03=./mine.ts` */
export function stageModule(text: string): StageModule {
  const [, stage, path] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (stage === undefined || path === undefined) throw new UserError(`invalid --with ${text}: want STAGE=FILE`);
  return { stage, path };
}
