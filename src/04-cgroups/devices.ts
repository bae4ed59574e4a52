// Which devices a group may open, and for which it may make nodes. A device node is a door through every other wall:
// who may open the disk reads any file on it, in any mount namespace.
//
//   v1  a line a rule, written to devices.deny and devices.allow
//   v2  a program asked at every open (device-program.ts)
//
// On a hybrid machine both are possible; the files are used, as they cost 30 µs where loading a program costs 60 or more.

import { BPF, closeStep, O, openStep, reg, type Step, step, struct, writeStep } from "../01-syscalls/index.ts";
import { deviceProgram, instructionBytes, splitRules } from "./device-program.ts";
import { findDirectory, type Group, v2Directory } from "./group.ts";
import type { DeviceRule } from "./resources.ts";

const node = (major: number, minor: number): DeviceRule => {
  return { allow: true, type: "c", major, minor, access: "rwm" };
};

/** What Docker lets every container have: nodes that only lead to the container itself or to nothing. */
export const DEFAULT_DEVICE_RULES: DeviceRule[] = [
  { allow: false, access: "rwm" },
  // Making a node is harmless: to open it is what counts. Archives are unpacked that way.
  { allow: true, type: "c", access: "m" },
  { allow: true, type: "b", access: "m" },
  node(1, 3), // null
  node(1, 5), // zero
  node(1, 7), // full
  node(1, 8), // random
  node(1, 9), // urandom
  node(5, 0), // tty: the process's own terminal
  node(5, 1), // console
  node(5, 2), // ptmx: new terminals, of its own devpts
  { allow: true, type: "c", major: 136, access: "rwm" }, // the terminals themselves
];

/** What a container needs whatever its own list says: runc and crun add these to OCI's `devices` too. */
export function withDefaults(rules: DeviceRule[]): DeviceRule[] {
  if (deviceProgram(rules) === undefined) return rules;
  const known = new Set(rules.map(ruleText));
  return [...rules, ...DEFAULT_DEVICE_RULES.slice(1).filter((rule) => !known.has(ruleText(rule)))];
}

/**
 * Limits the group to these devices, before anything runs in it. No rules say nothing, and rules that allow everything
 * take no step. Only the host's root can carry these out.
 */
export function deviceRuleSteps(group: Group, rules: DeviceRule[]): Step[] {
  const program = deviceProgram(rules);
  if (program === undefined || rules.length === 0) return [];
  const v1 = findDirectory(group, "devices");
  if (v1 !== undefined) return fileSteps(v1, rules);
  const v2 = v2Directory(group);
  return v2 === undefined ? [] : programSteps(v2, instructionBytes(program));
}

// ---- v1

/** The kernel takes one rule a write. The first is about everything, whatever the group above was allowed. */
function fileSteps(directory: string, rules: DeviceRule[]): Step[] {
  const { rest, later } = splitRules(rules);
  return [
    openListStep(directory, "deny", "the list of devices it may not use"),
    openListStep(directory, "allow", "the list of devices it may use"),
    writeStep({ fd: reg(rest), data: "a", why: rest === "deny" ? "none, to begin with" : "all, to begin with" }),
    ...later.map((rule) => {
      const why = rule.allow ? "it may use this" : "and not this";
      return writeStep({ fd: reg(rule.allow ? "allow" : "deny"), data: ruleText(rule), why });
    }),
    closeStep({ fd: reg("allow"), why: "all devices it may use are named" }),
    closeStep({ fd: reg("deny"), why: "and all it may not" }),
  ];
}

function openListStep(directory: string, name: "allow" | "deny", why: string): Step {
  return openStep({ path: `${directory}/devices.${name}`, flags: O.WRONLY, as: name, why });
}

/** `c 136:* rwm`, and `a *:* rwm` for everything. */
function ruleText({ type = "a", major = -1, minor = -1, access = "rwm" }: DeviceRule): string {
  const number = (one: number) => (one < 0 ? "*" : String(one));
  return `${type} ${number(major)}:${number(minor)} ${access}`;
}

// ---- v2

/** The group keeps the program: its descriptor may go. With MULTI, groups inside may only narrow it further. */
function programSteps(directory: string, program: Uint8Array): Step[] {
  return [
    openStep({
      path: directory,
      flags: O.PATH | O.DIRECTORY,
      as: "group",
      why: "a program is attached to a descriptor",
    }),
    step("bpf", [BPF.PROG_LOAD, loadAttributes(program), 48], {
      as: "program",
      why: "the kernel checks the program that decides about devices",
    }),
    step("bpf", [BPF.PROG_ATTACH, attachAttributes(), 16], {
      why: "it is asked at every open of a device from now on",
    }),
    closeStep({ fd: reg("program"), why: "the group holds the program itself" }),
    closeStep({ fd: reg("group"), why: "the program is attached" }),
  ];
}

const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
const BPF_CGROUP_DEVICE = 6;
const BPF_F_ALLOW_MULTI = 2;

function loadAttributes(program: Uint8Array) {
  return struct(
    ["prog_type", "u32", BPF_PROG_TYPE_CGROUP_DEVICE, () => "BPF_PROG_TYPE_CGROUP_DEVICE"],
    ["insn_cnt", "u32", program.length / 8],
    ["insns", "pointer", program],
    // Some kernel functions are only for programs under the GPL; this one calls none.
    ["license", "pointer", "MIT"],
    ["log_level", "u32", 0],
    ["log_size", "u32", 0],
    ["log_buf", "u64", 0],
    ["kern_version", "u32", 0],
    ["prog_flags", "u32", 0],
  );
}

function attachAttributes() {
  return struct(
    ["target_fd", "u32", reg("group")],
    ["attach_bpf_fd", "u32", reg("program")],
    ["attach_type", "u32", BPF_CGROUP_DEVICE, () => "BPF_CGROUP_DEVICE"],
    ["attach_flags", "u32", BPF_F_ALLOW_MULTI, () => "BPF_F_ALLOW_MULTI"],
  );
}
