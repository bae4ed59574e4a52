// What a config.json may not say. The specification (config.md, config-linux.md) has words for each value: an unknown one is
// refused here, before anything is made, since a container without what was asked for is another container. What it has no
// field for is passed over, as it demands: tomorrow's config.json may say more.

import { UserError } from "../../01-syscalls/index.ts";
import { KINDS } from "../../03-namespaces/index.ts";
import { CAPABILITIES, type CapabilitySets, checkSysctls } from "../../07-security/index.ts";
import { IO_CLASSES, PERSONALITIES, POLICIES, SCHEDULER_FLAGS } from "../scheduling.ts";
import type { Hooks, Linux, Process, Spec } from "./oci.ts";

/** What is wrong, if the first is so. */
type Rule = [isBroken: boolean, refusal: string];

/** The same without what only earns a warning: capabilities that no kernel has. Throws UserError. */
export function checkSpec(spec: Spec, path: string): { spec: Spec; warnings: string[] } {
  const broken = [
    ...topRules(spec),
    ...processRules(spec.process),
    ...capabilityRules(spec),
    ...hookRules(spec.hooks),
    ...mountRules(spec),
    ...namespaceRules(spec),
    ...propagationRules(spec),
    ...linuxRules(spec.linux ?? {}),
  ].find(([isBroken]) => isBroken);
  if (broken) throw new UserError(`${path} ${broken[1]}`);
  checkSysctls(spec.linux?.sysctl ?? {}, ownNamespaces(spec));
  return withKnownCapabilities(withoutNothing(spec));
}

/** Who has nothing to say about propagation may say so with an empty word. */
function withoutNothing(spec: Spec): Spec {
  const { rootfsPropagation, ...linux } = spec.linux ?? {};
  return rootfsPropagation ? spec : { ...spec, linux };
}

/** The same for a process alone. `what` begins the refusal. */
export function requireProcess(process: Process, what: string): Process {
  const broken = processRules(process).find(([isBroken]) => isBroken);
  if (broken) throw new UserError(`${what} ${broken[1]}`);
  return withKnownCapabilities({ ociVersion: "", process }).spec.process!;
}

const MOST_ID = 2 ** 32 - 1;

function topRules({ ociVersion, root, hostname, domainname, linux }: Spec): Rule[] {
  const hasUts = has(linux, "uts");
  return [
    [
      typeof ociVersion !== "string" || !/^1\.\d+\.\d+/.test(ociVersion),
      `is of no version 1 of the specification: ${JSON.stringify(ociVersion)}`,
    ],
    [root !== undefined && typeof root.path !== "string", "has a root without a path"],
    [!!hostname && !hasUts, "sets a hostname without a UTS namespace to set it in"],
    [!!domainname && !hasUts, "sets a domainname without a UTS namespace to set it in"],
  ];
}

function processRules(process: Process | undefined): Rule[] {
  if (!process?.args?.length) return [[true, "names no process to run"]];
  const { cwd, user, env = [], rlimits = [], oomScoreAdj = 0, ioPriority, scheduler } = process;
  const types = rlimits.map(({ type }) => type);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  return [
    [
      typeof cwd !== "string" || !cwd.startsWith("/"),
      `has a working directory that is no absolute path: ${JSON.stringify(cwd)}`,
    ],
    [!isId(user?.uid) || !isId(user?.gid), "names no user by numbers (process.user.uid, gid)"],
    [(user?.additionalGids ?? []).some((gid) => !isId(gid)), "names a further group that is no number"],
    [
      env.some((pair) => !pair.includes("=")),
      `has an environment variable without a value: ${env.find((pair) => !pair.includes("="))}`,
    ],
    [twice !== undefined, `limits ${twice} twice`],
    [rlimits.some(({ soft, hard }) => soft > hard), "has a soft limit above its hard one"],
    [
      !Number.isInteger(oomScoreAdj) || Math.abs(oomScoreAdj) > 1000,
      `has an oomScoreAdj outside of -1000 to 1000: ${oomScoreAdj}`,
    ],
    [
      ioPriority !== undefined && !(ioPriority.class in IO_CLASSES),
      `has an ioPriority of no class: ${ioPriority?.class}`,
    ],
    [
      (ioPriority?.priority ?? 0) < 0 || (ioPriority?.priority ?? 0) > 7,
      `has an ioPriority outside of 0 to 7: ${ioPriority?.priority}`,
    ],
    [scheduler !== undefined && !(scheduler.policy in POLICIES), `has a scheduler of no policy: ${scheduler?.policy}`],
    [
      (scheduler?.flags ?? []).some((flag) => !(flag in SCHEDULER_FLAGS)),
      `has a scheduler with an unknown flag: ${scheduler?.flags}`,
    ],
    [!!process.selinuxLabel, "asks for an SELinux label, which can't be given here"],
    [
      !!process.apparmorProfile && process.apparmorProfile !== "unconfined",
      "asks for an AppArmor profile, which can't be given here",
    ],
  ];
}

function isId(id: unknown): boolean {
  return Number.isInteger(id) && (id as number) >= 0 && (id as number) < MOST_ID;
}

function hookRules(hooks: Hooks = {}): Rule[] {
  const all = Object.values(hooks).flatMap((list) => list ?? []);
  return all.flatMap(({ path, timeout }): Rule[] => [
    [typeof path !== "string" || !path.startsWith("/"), `has a hook that is no absolute path: ${path}`],
    [timeout !== undefined && !(timeout > 0), `gives the hook ${path} no time`],
  ]);
}

function mountRules({ mounts = [] }: Spec): Rule[] {
  return mounts.flatMap(({ destination, uidMappings, gidMappings }): Rule[] => [
    [typeof destination !== "string", "has a mount without a destination"],
    [(uidMappings === undefined) !== (gidMappings === undefined), `maps only users, or only groups, of ${destination}`],
  ]);
}

// ---- linux

function has({ namespaces = [] }: Linux = {}, wanted: string, isNew = false): boolean {
  return namespaces.some(({ type, path }) => type === wanted && !(isNew && path));
}

function namespaceRules({ linux = {} }: Spec): Rule[] {
  const { namespaces = [], uidMappings = [], gidMappings = [], timeOffsets } = linux;
  const types = namespaces.map(({ type }) => type);
  const unknown = types.find((type) => !KINDS.some((kind) => kind.type === type));
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  const userns = has(linux, "user", true);
  const isMapped = uidMappings.length + gidMappings.length > 0;
  return [
    [unknown !== undefined, `lists a namespace of an unknown type: ${unknown}`],
    [twice !== undefined, `lists the ${twice} namespace twice`],
    [
      namespaces.some(({ path }) => !!path && !path.startsWith("/")),
      "joins a namespace by a path that is not absolute",
    ],
    [
      has(linux, "user") && !has(linux, "mount", userns),
      "lists a user namespace without a mount namespace of its own, so that its root may mount nothing",
    ],
    [
      userns && (uidMappings.length === 0 || gidMappings.length === 0),
      "lists a user namespace without a map of its users",
    ],
    [isMapped && !has(linux, "user"), "maps users without a user namespace"],
    [
      timeOffsets !== undefined && Object.keys(timeOffsets).length > 0 && !has(linux, "time", true),
      "shifts clocks without a time namespace",
    ],
    [
      Object.keys(timeOffsets ?? {}).some((clock) => clock !== "monotonic" && clock !== "boottime"),
      "shifts a clock that there isn't",
    ],
  ];
}

/** It gets a root that hangs nowhere then, in which no mount is told of another: see stage 02, nowhere.ts. */
function propagationRules({ linux, mounts = [] }: Spec): Rule[] {
  const asked = [linux?.rootfsPropagation ?? "", ...mounts.flatMap(({ options }) => options ?? [])];
  const told = asked.find((word) => /^r?(shared|slave|unbindable)$/.test(word));
  return [
    [
      told !== undefined && !has(linux, "mount", true),
      `asks for a mount that is ${told} in a mount namespace of others`,
    ],
  ];
}

const PROPAGATIONS = ["", "shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate", "runbindable"];

function linuxRules(linux: Linux): Rule[] {
  const {
    rootfsPropagation = "",
    devices = [],
    maskedPaths = [],
    readonlyPaths = [],
    resources = {},
    personality,
  } = linux;
  const access = (resources.devices ?? []).map((rule) => rule.access ?? "");
  return [
    [!PROPAGATIONS.includes(rootfsPropagation), `has an unknown rootfsPropagation: ${rootfsPropagation}`],
    [devices.some(({ type }) => !["c", "b", "u", "p"].includes(type)), "has a device of an unknown type"],
    [devices.some(({ path }) => !path?.startsWith("/")), "has a device without an absolute path"],
    [[...maskedPaths, ...readonlyPaths].some((path) => !path.startsWith("/")), "masks a path that is not absolute"],
    [access.some((letters) => !/^[rwm]*$/.test(letters)), "has a rule for devices with other letters than r, w and m"],
    [
      (resources.devices ?? []).some(({ type = "a" }) => !["a", "b", "c"].includes(type)),
      "has a rule for devices of an unknown type",
    ],
    [linux.intelRdt !== undefined, "limits a processor's cache (intelRdt), which can't be done here"],
    [!!linux.mountLabel, "asks for an SELinux label of its mounts, which can't be given here"],
    [
      personality !== undefined && !(personality.domain in PERSONALITIES),
      `asks for an unknown personality: ${personality?.domain}`,
    ],
    [(personality?.flags ?? []).length > 0, "asks for a personality with flags, of which there are none"],
  ];
}

function ownNamespaces({ linux }: Spec) {
  const own = (type: string) => has(linux, type);
  return { ipc: own("ipc"), network: own("network"), uts: own("uts") };
}

/** Version 1.0 of the specification wants an error where 1.1 and all later ones want a warning. */
function capabilityRules({ ociVersion, process }: Spec): Rule[] {
  const [unknown] = unknownCapabilities(process);
  const isStrict = /^1\.0\./.test(ociVersion);
  return [[isStrict && unknown !== undefined, `names a capability that there isn't: ${unknown}`]];
}

/** A kernel can't be asked for what it hasn't got, and a newer one's config.json may name more: that is only said. */
function withKnownCapabilities(spec: Spec): { spec: Spec; warnings: string[] } {
  const { process } = spec;
  if (!process?.capabilities) return { spec, warnings: [] };
  const unknown = unknownCapabilities(process);
  const known = capabilitySets(process).map(([set, names]) => [set, names.filter((name) => !unknown.includes(name))]);
  return {
    spec: { ...spec, process: { ...process, capabilities: Object.fromEntries(known) } },
    warnings: unknown.map((name) => `unknown capability ${name} is left out`),
  };
}

function unknownCapabilities(process: Process | undefined): string[] {
  const names = new Set(capabilitySets(process).flatMap(([, names]) => names));
  return [...names].filter((name) => !CAPABILITIES.includes(name));
}

/** In config.json one may be null, too. */
function capabilitySets(process: Process | undefined): [keyof CapabilitySets, string[]][] {
  const sets = Object.entries(process?.capabilities ?? {}) as [keyof CapabilitySets, string[] | null][];
  return sets.map(([set, names]) => [set, names ?? []]);
}
