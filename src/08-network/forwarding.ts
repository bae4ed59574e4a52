// A host hands on what isn't for itself only if it is told to: net.ipv4.ip_forward of ip(7), and its like for IPv6. It is switched on with the
// first bridge, and off again with the last, if it was we who had switched it on. The note of that is where a boot wipes
// it out, as it does the setting.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import { makeFolder } from "../06-images/index.ts";
import type { Family } from "./family.ts";

const SETTING: Record<Family, string> = {
  ip: "/proc/sys/net/ipv4/ip_forward",
  ip6: "/proc/sys/net/ipv6/conf/all/forwarding",
};
const noteFile = (state: string, family: Family): string => `${state}/${family}-forwarding-was-off`;

export function forward(state: string, family: Family): void {
  const setting = SETTING[family];
  if (readFileSync(setting, "latin1").trim() !== "0") return;
  makeFolder(state);
  writeFileSync(noteFile(state, family), "");
  try {
    writeFileSync(setting, "1");
  } catch (cause) {
    rmSync(noteFile(state, family), { force: true });
    const hint = `write 1 to it where it can be changed, or --network none or host here`;
    throw new UserError(`this host hands nothing on, and ${setting} can't be changed`, { hint, cause });
  }
}

export function stopForwarding(state: string, family: Family): void {
  if (!existsSync(noteFile(state, family))) return;
  writeFileSync(SETTING[family], "0");
  rmSync(noteFile(state, family), { force: true });
}

/** A setting of one link. Where the kernel has none of its kind, there is nothing to be set. */
export function setLink(family: "ipv4" | "ipv6", link: string, name: string, value: string): void {
  const path = `/proc/sys/net/${family}/conf/${link}/${name}`;
  if (existsSync(path)) writeFileSync(path, value);
}
