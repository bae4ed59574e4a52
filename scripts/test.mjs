// `npm test [-- vitest's arguments]`: installs, builds, and runs the tests. As root all of them; as an ordinary user those
// that need no root, and says how many others there were.

import { ensureInstalled, run, runTool } from "./install.mjs";

ensureInstalled();
run(process.execPath, ["scripts/build.mjs"]);
runTool("vitest", ["run", ...process.argv.slice(2)], { ALREADY_BUILT: "1" });
