// What the book's pages can do besides being read: ask a question before they tell, and replay a run call by call. The run
// is a script beside the page (`globalThis.RECORDING = …`), since a page from the file system may load nothing else.

import { render } from "preact";
import type { Recording } from "../src/10-containers/explain/record.ts";
import { listenForAnswers } from "./lesson/predictions.ts";
import { LanguageContext } from "./settings.ts";
import { Walker } from "./steps/walker.tsx";

listenForAnswers(document.body);

const place = document.getElementById("replay");
const { RECORDING: run } = globalThis as { RECORDING?: Recording };
if (place && run) {
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const { stage } = place.dataset;
  const first = run.steps.findIndex((step) => step.stage.startsWith(`${stage}-`));
  render(
    <LanguageContext.Provider value={language}>
      <Walker id="replay" run={{ ...run, total: run.steps.length }} begin={Math.max(0, first)} />
    </LanguageContext.Provider>,
    place,
  );
}
