// meter, the honest program beside the container: a process that waits, and that a container must not reach.

import { TOKEN } from "./leftovers.ts";
import type { Place } from "./place.ts";
import { procText, statusLine } from "./processes.ts";

export interface Meter {
  pid: number;
  /** What it is called in the place where it runs. */
  number: number;
  end(): void;
}

/** It belongs to the run of this probe. */
export async function startMeter(place: Place, probe: string): Promise<Meter> {
  const started = await place.start([`${place.folder}/meter`, "wait"], { env: { [TOKEN]: probe } });
  const numbers = statusLine(procText(started.pid, "status") ?? "", "NSpid")?.split(/\s+/) ?? [];
  return { pid: started.pid, number: Number(numbers.at(-1) ?? started.pid), end: () => started.kill() };
}
