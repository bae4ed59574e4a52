// The verbs of the OCI runtime, each a file that is loaded when it is asked for.

import type { Globals } from "./globals.ts";

export interface OciVerb {
  verb(argv: string[], globals: Globals): Promise<number>;
}

export interface OciVerbEntry {
  summary: string;
  load(): Promise<OciVerb>;
}

const entry = (summary: string, load: () => Promise<OciVerb>): OciVerbEntry => ({ summary, load });

export const OCI_VERBS: Record<string, OciVerbEntry> = {
  create: entry("Create a container from a bundle, up to its program", () => import("./verbs/oci-create.ts")),
  start: entry("Let the program of a created container begin", () => import("./verbs/oci-start.ts")),
  run: entry("Create and start a container", () => import("./verbs/oci-run.ts")),
  state: entry("Print the state of a container", () => import("./verbs/oci-state.ts")),
  kill: entry("Send a signal to a container (SIGTERM unless said)", () => import("./verbs/oci-kill.ts")),
  delete: entry("Delete a container that has ended", () => import("./verbs/oci-delete.ts")),
  exec: entry("Run one more process in a container", () => import("./verbs/oci-exec.ts")),
  ps: entry("List the processes of a container", () => import("./verbs/oci-ps.ts")),
  pause: entry("Stop all processes of a container where they stand", () => import("./verbs/oci-pause.ts")),
  resume: entry("Let them go on", () => import("./verbs/oci-resume.ts")),
  update: entry("Change the limits of a container", () => import("./verbs/oci-update.ts")),
  events: entry("Print what a container uses, now and again", () => import("./verbs/oci-events.ts")),
  list: entry("List containers", () => import("./verbs/oci-list.ts")),
  spec: entry("Write a config.json to begin from", () => import("./verbs/oci-spec.ts")),
  features: entry("Print what this runtime can do", () => import("./verbs/oci-features.ts")),
};
