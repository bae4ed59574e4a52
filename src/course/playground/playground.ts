// The playground: a page with the lessons beside a terminal beside an X-ray of this machine. Here its parts are put
// together; each knows nothing of the others.

import type { Roots } from "../../10-containers/folders.ts";
import { takeOver } from "../take-over.ts";
import { ExerciseWatch } from "./exercise-watch.ts";
import { LabShells } from "./lab-shell.ts";
import { lessonText } from "./lessons.ts";
import { Live } from "./live.ts";
import { Pair } from "./pair.ts";
import { type Serving, serve } from "./serve.ts";
import { readSite } from "./site.ts";
import { type Program, SteppedRun } from "./stepped-run.ts";
import { Terminal } from "./terminal.ts";
import { Xray } from "./xray/xray.ts";

export interface PlaygroundOptions {
  /** 0 for one that is free. */
  port: number;
  /** Where `npm run build` has put the page. */
  siteFolder: string;
  /** The student's folder, where there is one. */
  workshop: string | undefined;
  program: Program;
}

/** Throws UserError where nobody can listen, or there is no page. */
export async function openPlayground(roots: Roots, options: PlaygroundOptions): Promise<Serving> {
  const { workshop, program } = options;
  const site = readSite(options.siteFolder);
  await takeOver(roots);
  const terminal = new Terminal(new LabShells(roots, workshop));
  const exercises = new ExerciseWatch(workshop, program);
  const live = new Live({
    xray: new Xray(roots),
    pair: new Pair(roots),
    run: new SteppedRun(program),
    exercises,
  });
  const serving = await serve(options.port, {
    site,
    text: (path) => lessonText(path, workshop),
    sockets: { "/terminal": (socket) => terminal.join(socket), "/live": (socket) => live.join(socket) },
  });
  const close = async () => {
    await Promise.all([terminal.close(), live.close()]);
    await serving.close();
  };
  return { url: serving.url, close };
}
