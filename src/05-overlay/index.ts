// Stage 05, from outside: layers shown as one tree, and what was changed in it.

export { type BytePath, toBytePath, toBytes, toCString, toText } from "./bytes.ts";
export { type Change, changesOf, changesOfCopy } from "./changes.ts";
export { type CopyOptions, copyLayers, copyMissing } from "./copy.ts";
export { inMemory, memorySteps } from "./memory.ts";
export { entriesOf, type MergedEntry, mergedEntries } from "./merged.ts";
export { detachedOverlaySteps, MAX_LAYERS, type Overlay, type OverlayOptions, overlaySteps } from "./mount.ts";
export { ownedOverlaySteps, ownedViewSteps } from "./owners.ts";
export { isOverlayRefused, type KernelSupport, kernelSupport, overlayRefusal } from "./support.ts";
export { isPlainTime, setTimes, type Times } from "./times.ts";
export { isOpaque, isOverlayXattr, isWhiteout, type Marks, makeOpaque, makeWhiteout } from "./whiteouts.ts";
export { getXattr, listXattrs, setXattr, xattrsOfOpen } from "./xattrs.ts";
