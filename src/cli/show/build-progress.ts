// What is seen of a build: on a terminal a picture that moves, elsewhere lines as they come, or JSON for other programs.
// The words are BuildKit's, which everybody who builds has learnt to read.

import { isTerminal } from "../../10-containers/streams/is-terminal.ts";
import type { OnProgress } from "../../12-build/index.ts";
import { writeAll } from "../output.ts";
import { failureText, plainProgress } from "./build-progress-plain.ts";

export type Renderer = OnProgress & { close(): void };

export async function progressOf({ progress, quiet }: { progress: string; quiet: boolean }): Promise<Renderer> {
  if (quiet || progress === "quiet") return quietProgress();
  if (progress === "rawjson" || progress === "json") return jsonProgress();
  if (progress === "tty" || (progress === "auto" && isTerminal(2))) return pictureProgress();
  return plainProgress((text) => writeAll(2, text));
}

async function pictureProgress(): Promise<Renderer> {
  const { BuildPicture } = await import("./build-progress-picture.ts");
  const { colours } = await import("./colours.ts");
  const picture = new BuildPicture(process.stderr, colours(process.stderr));
  return Object.assign(picture.tell, { close: () => picture.close() });
}

/** Only why it failed. */
function quietProgress(): Renderer {
  const tell: OnProgress = (progress) => {
    if (progress.kind === "failed") writeAll(2, failureText(progress));
  };
  return Object.assign(tell, { close() {} });
}

/** A line of JSON for each thing that happens. */
function jsonProgress(): Renderer {
  const tell: OnProgress = (progress) => {
    const said = progress.kind === "output" ? { ...progress, bytes: progress.bytes.toString("base64") } : progress;
    writeAll(2, `${JSON.stringify({ time: new Date().toISOString(), ...said })}\n`);
  };
  return Object.assign(tell, { close() {} });
}
