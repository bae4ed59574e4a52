// `npm run lessons [-- --check | --translated NN | --record NN]`: fills the code that lessons show in from the source, and
// says what is stale, missing or wrong in them. `--record` runs a lesson's commands and writes down what they print.

import { ensureInstalled, run } from "./install.mjs";

ensureInstalled();
if (!process.env.ALREADY_BUILT) run(process.execPath, ["scripts/build.mjs"]);
run(process.execPath, ["--", "dist/mini-docker.js", "learn", "texts", ...process.argv.slice(2)]);
