// The questions that checks ask of what was seen, in words.

import type { NamespaceName, Seen, SeenCall } from "./seen.ts";

/** Whether the probe shares this namespace with the runtime. */
export function isShared({ probe, runtime }: Seen, kind: NamespaceName): boolean {
  return probe.namespaces[kind] !== undefined && probe.namespaces[kind] === runtime.namespaces[kind];
}

/** Whether the probe has a namespace of its own. */
export function isOwn({ probe, runtime }: Seen, kind: NamespaceName): boolean {
  return probe.namespaces[kind] !== undefined && probe.namespaces[kind] !== runtime.namespaces[kind];
}

/** The calls of this name that were planned, whatever came of them. None of a runtime that doesn't tell. */
export function callsNamed({ calls = [] }: Seen, name: string): SeenCall[] {
  return calls.filter((call) => call.name === name);
}

/** The call that failed, which is the last that was made. */
export function failedCall({ calls = [] }: Seen): SeenCall | undefined {
  return calls.find(({ outcome }) => outcome === "failed");
}

/** Whether it was this call that failed, and with this errno if one is given. */
export function hasFailed(seen: Seen, name: string, errno?: string): boolean {
  const failed = failedCall(seen);
  return failed?.name === name && (errno === undefined || failed.errno === errno);
}
