// What the kernel shows of the student's work, goal by goal. There is no button: who saves the file is looked at.

import { useContext } from "preact/hooks";
import type { CheckResult } from "../../src/course/playground/messages.ts";
import { LanguageContext, useWords } from "../settings.ts";

export function GoalsPanel({ check }: { check: CheckResult }) {
  const words = useWords();
  const language = useContext(LanguageContext);
  const { status, goals, hint, file } = check;
  return (
    <aside class="goals" data-status={status} aria-label={words.goals}>
      <p role="status">{statusText(check, words)}</p>
      {goals.length > 0 && (
        <ul>
          {goals.map(({ id, says, isReached }) => (
            <li key={id} data-reached={isReached}>
              <span class="lamp" aria-hidden="true">
                {isReached ? "✓" : "○"}
              </span>
              <span class="hidden">{isReached ? words.reached : words.notReached}: </span>
              {says[language]}
            </li>
          ))}
        </ul>
      )}
      {hint !== undefined && status !== "passed" && (
        <p class="hint">
          <strong>{words.hint}</strong> {hint[language]}
        </p>
      )}
      {status === "waiting" && file !== undefined && <p class="faint">{words.waiting(file)}</p>}
    </aside>
  );
}

function statusText({ status }: CheckResult, words: ReturnType<typeof useWords>): string {
  if (status === "passed") return words.passed;
  return status === "checking" ? words.checking : words.goals;
}
