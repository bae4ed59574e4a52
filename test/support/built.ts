// Tests run the real programs, so those are built first, unless who started the tests has done so.

import { buildNative } from "../../scripts/native.mjs";

export async function setup(): Promise<void> {
  if (process.env.ALREADY_BUILT) return;
  buildNative();
  const { bundle } = await import("../../scripts/bundle.mjs");
  await bundle();
}
