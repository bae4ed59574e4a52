// Signals by the names people type. See signal(7); `kill -l` lists the same.

import { constants } from "node:os";
import { UserError } from "../01-syscalls/index.ts";

/** `"TERM"`, `"SIGTERM"`, `"15"` → 15. Throws UserError as Docker words it. */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : undefined;
  const name = `SIG${text.toUpperCase().replace(/^SIG/, "")}`;
  const found = number ?? (constants.signals as Record<string, number>)[name] ?? realtime(name);
  if (found === undefined || found < 1 || found > 64) throw new UserError(`invalid signal: ${text}`);
  return found;
}

/** SIGRTMIN+3, SIGRTMAX-1: what systemd in a container is stopped with. */
function realtime(name: string): number | undefined {
  const parts = /^SIGRT(MIN\+|MAX-)(\d+)$/.exec(name);
  if (!parts) return name === "SIGRTMIN" ? 34 : name === "SIGRTMAX" ? 64 : undefined;
  return parts[1] === "MIN+" ? 34 + Number(parts[2]) : 64 - Number(parts[2]);
}

/** 15 → `SIGTERM`; a realtime signal by its number. */
export function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? String(number);
}
