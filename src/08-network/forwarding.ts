// A host hands on what isn't for itself only if it is told to: net.ipv4.ip_forward of ip(7). It is switched on with the
// first bridge, and off again with the last, if it was we who had switched it on. The note of that is where a boot wipes
// it out, as it does the setting.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { makeFolder } from "../06-images/index.ts";

const SETTING = "/proc/sys/net/ipv4/ip_forward";
const noteFile = (state: string): string => `${state}/forwarding-was-off`;

export function forward(state: string): void {
  if (readFileSync(SETTING, "latin1").trim() !== "0") return;
  makeFolder(state);
  writeFileSync(noteFile(state), "");
  try {
    writeFileSync(SETTING, "1");
  } catch (cause) {
    rmSync(noteFile(state), { force: true });
    const hint = "sysctl net.ipv4.ip_forward=1 where it can be changed, or --network none or host here";
    throw new UserError(`this host hands nothing on, and ${SETTING} can't be changed`, { hint, cause });
  }
}

export function stopForwarding(state: string): void {
  if (!existsSync(noteFile(state))) return;
  writeFileSync(SETTING, "0");
  rmSync(noteFile(state), { force: true });
}

/** A setting of one link. Where the kernel has none of its kind, there is nothing to be set. */
export function setLink(family: "ipv4" | "ipv6", link: string, name: string, value: string): void {
  const path = `/proc/sys/net/${family}/conf/${link}/${name}`;
  if (existsSync(path)) writeFileSync(path, value);
}
