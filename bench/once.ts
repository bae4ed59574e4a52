// once ROOT STATE: starts the container once, in a process of its own, for strace to look on.

import { warmUp } from "./warm.ts";

const [root = "", state = ""] = process.argv.slice(2);
warmUp({ root, state }).then((warm) => warm.start());
