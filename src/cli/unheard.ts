// Ctrl-C goes to process 1 of the container, and that one gets only the signals it has asked for: kill(2). Whoever presses it
// again and again is told what ends it all the same.

import { warn } from "./output.ts";

const PATIENCE = 3;

/** Until the returned function is called. */
export function tellUnheard(name: string, say: (text: string) => void = warn): () => void {
  let times = 0;
  const heard = () => {
    times += 1;
    if (times === PATIENCE) say(`${name} doesn't listen to Ctrl-C; from another terminal: mini-docker kill ${name}`);
  };
  process.on("SIGINT", heard);
  return () => process.off("SIGINT", heard);
}
