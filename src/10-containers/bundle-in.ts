// A container from a bundle that was not made here: its config.json is what another runtime would be given, its root
// filesystem a directory that is used as it is, and written to. See the OCI runtime specification, bundle.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { appear } from "./appear.ts";
import type { Container, ContainerRecord } from "./container.ts";
import type { Roots } from "./folders.ts";
import { randomId } from "./names.ts";
import { parseSignal } from "./signals.ts";
import { readBundle } from "./spec/bundle.ts";
import { type Spec, specText } from "./spec/oci.ts";
import { runOptions } from "./spec/options.ts";

export interface BundleWish {
  name: string | undefined;
  remove: boolean;
  onWarning?: (warning: string) => void;
}

/** Throws UserError for what is no bundle. */
export async function createFromBundle(roots: Roots, directory: string, wish: BundleWish): Promise<Container> {
  const { spec, rootfs, warnings } = readBundle(directory);
  for (const warning of warnings) wish.onWarning?.(warning);
  if (spec.hooks) wish.onWarning?.("this bundle's hooks are not run");
  const id = randomId();
  const ours: Spec = {
    ...spec,
    root: { path: "rootfs", ...(spec.root?.readonly && { readonly: true }) },
    // Groups are made below our own parent, and nowhere else.
    linux: { ...spec.linux, cgroupsPath: `/mini-docker/${id}` },
  };
  const fill = (draft: string) => {
    for (const name of ["rootfs", "upper", "work", "etc"]) mkdirSync(join(draft, name), { mode: 0o755 });
    writeFileSync(join(draft, "config.json"), specText(ours), { mode: 0o600 });
    return (name: string) => recordOf({ id, name, directory, rootfs, spec, remove: wish.remove });
  };
  return appear({ roots, id, name: wish.name, fill });
}

interface Made {
  id: string;
  name: string;
  directory: string;
  rootfs: string;
  spec: Spec;
  remove: boolean;
}

const STOP_SECONDS = 10;

/** What can be told from config.json of what a person would have asked for. */
function recordOf({ id, name, directory, rootfs, spec, remove }: Made): ContainerRecord {
  const { process, annotations = {}, root } = spec;
  const network = spec.linux?.namespaces?.some(({ type }) => type === "network") ? "none" : "host";
  const image = `bundle:${basename(directory)}`;
  const stopSignal = annotations["org.opencontainers.image.stopSignal"];
  return {
    id,
    name,
    created: new Date().toISOString(),
    image: { reference: image, id: "" },
    options: runOptions(image, {
      command: process?.args ?? [],
      tty: process?.terminal ?? false,
      interactive: true,
      readOnly: root?.readonly ?? false,
      annotations,
      network,
      remove,
    }),
    layers: [],
    rootfs: { directory: rootfs },
    stopSignal: parseSignal(stopSignal || "SIGTERM"),
    stopTimeoutSeconds: STOP_SECONDS,
  };
}
