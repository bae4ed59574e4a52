// The lesson.

import { useWords } from "./settings.ts";
import type { Language } from "./words.ts";

export function LessonPane(_: { language: Language; onRun(): void }) {
  const words = useWords();
  return (
    <section class="pane lesson" id="lesson" tabIndex={-1} aria-label={words.lesson}>
      <p class="empty">{words.noLessons}</p>
    </section>
  );
}
