// `npm run build`: C to native/build, TypeScript and its types to dist, the browser side to dist/playground and dist/book. With --shipped
// also the C for every architecture that we package.

import { BuildError, buildNative, buildShipped } from "./native.mjs";

try {
  buildNative();
  if (process.argv.includes("--shipped")) buildShipped();
  const { bundle } = await import("./bundle.mjs");
  await bundle();
  const { buildTypes } = await import("./types.mjs");
  buildTypes();
  const { buildPages } = await import("./page.mjs");
  await buildPages();
} catch (error) {
  // esbuild has already printed its errors with the lines they are in.
  if (!(error instanceof BuildError) && !error.errors) throw error;
  if (error instanceof BuildError) console.error(error.message);
  process.exitCode = 1;
}
