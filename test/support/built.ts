// Tests run the real programs, so those are built first, unless who started the tests has done so.

import { buildNative } from "../../scripts/native.mjs";

export async function setup(): Promise<void> {
  if (process.env.ALREADY_BUILT) return;
  buildNative();
  const { bundle } = await import("../../scripts/bundle.mjs");
  const { buildPages } = await import("../../scripts/page.mjs");
  // In the middle of a change the command line may not build yet; the stages' own tests don't need it.
  await Promise.all([bundle(), buildPages()]).catch(() =>
    console.error("The command line could not be built: its tests run the last one that could"),
  );
}
