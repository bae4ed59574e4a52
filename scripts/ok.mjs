// `npm run ok [-- vitest's arguments]`: is this ready to be committed? The quick answers first.

import { ensureInstalled, run, runTool } from "./install.mjs";

ensureInstalled();
runTool("biome", ["check", "--error-on-warnings", "."]);
runTool("tsc", ["-p", "."]);
run(process.execPath, ["scripts/test.mjs", ...process.argv.slice(2)]);
