// What a snapshot becomes by an instruction: its config says something else, it has one more layer, and in any case its
// history is longer by an entry.

import type { HistoryEntry } from "../06-images/index.ts";
import type { Outcome } from "./cache.ts";
import type { Deed, Snapshot, Statement } from "./deed.ts";
import { timeOf } from "./step.ts";

/** By an instruction that only says something about the image. `epoch` is in seconds since 1970. */
export function withConfig(snapshot: Snapshot, deed: Deed, statement: Statement, epoch: number | undefined): Snapshot {
  // Saying something about files makes them no newer.
  const created = snapshot.config.created ?? timeOf(epoch);
  const entry = { created, created_by: deed.history ?? statement.text, empty_layer: true };
  return withHistory(withProcess(snapshot, deed), entry);
}

/** By one that changed files, if there was anything to change. */
export function withLayer(before: Snapshot, outcome: Outcome, deed: Deed, statement: Statement): Snapshot {
  const { key, layer, created } = outcome;
  const snapshot = withProcess(before, deed);
  const entry = { created, created_by: deed.history ?? statement.text };
  if (!layer) return withHistory({ ...snapshot, key }, { ...entry, empty_layer: true });
  const { config } = withHistory(snapshot, entry);
  const rootfs = { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, layer.digest] };
  return { key, layers: [...snapshot.layers, layer], config: { ...config, created, rootfs } };
}

export function withLabels(snapshot: Snapshot, labels: Record<string, string>): Snapshot {
  if (Object.keys(labels).length === 0) return snapshot;
  const { config = {} } = snapshot.config;
  return withProcess(snapshot, { process: { ...config, Labels: { ...config.Labels, ...labels } } });
}

function withProcess(snapshot: Snapshot, { process, author }: Pick<Deed, "process" | "author">): Snapshot {
  const changed = { ...(process && { config: process }), ...(author !== undefined && { author }) };
  return { ...snapshot, config: { ...snapshot.config, ...changed } };
}

function withHistory(snapshot: Snapshot, entry: HistoryEntry): Snapshot {
  const { config } = snapshot;
  return { ...snapshot, config: { ...config, history: [...(config.history ?? []), entry] } };
}
