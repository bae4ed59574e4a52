// The lesson, with commands that run in the terminal beside it, and what the kernel shows of the student's own work.

import { useEffect, useRef, useState } from "preact/hooks";
import { connection, useKnown } from "../connection.ts";
import { useWords } from "../settings.ts";
import { terminalLink } from "../terminal-link.ts";
import type { Language } from "../words.ts";
import { GoalsPanel } from "./goals-panel.tsx";
import { listenForAnswers } from "./predictions.ts";
import { addRunButtons } from "./run-buttons.ts";

interface Entry {
  name: string;
  title: string;
}

interface Shown extends Entry {
  html: string;
}

export function LessonPane({ language, onRun }: { language: Language; onRun(): void }) {
  const words = useWords();
  const { checks } = useKnown();
  const lessons = useJson<Entry[]>(`lessons/${language}.json`) ?? [];
  const [chosen, setChosen] = useState(location.hash.slice(1));
  const name = lessons.find((lesson) => lesson.name === chosen)?.name ?? lessons[0]?.name;
  const check = name === undefined ? undefined : checks[name];
  // What was hidden may be seen once the check has passed.
  const lesson = useJson<Shown>(name && `lessons/${name}.${language}.json`, check?.status === "passed");

  useEffect(() => {
    if (name !== undefined) connection.say({ lesson: name });
  }, [name]);
  const choose = (next: string) => {
    history.replaceState(null, "", `#${next}`);
    setChosen(next);
  };

  return (
    <section class="pane lesson" id="lesson" tabIndex={-1} aria-label={words.lesson}>
      <header>
        <h2>{words.lesson}</h2>
        {lessons.length > 0 && (
          <select aria-label={words.lessons} value={name} onChange={({ currentTarget }) => choose(currentTarget.value)}>
            {lessons.map((each) => (
              <option key={each.name} value={each.name}>
                {each.name.slice(0, 2)} · {each.title}
              </option>
            ))}
          </select>
        )}
      </header>
      {lesson ? (
        <LessonText key={`${lesson.name} ${language}`} lesson={lesson} onRun={onRun} />
      ) : (
        <p class="empty">{words.noLessons}</p>
      )}
      {check && <GoalsPanel check={check} />}
    </section>
  );
}

function LessonText({ lesson, onRun }: { lesson: Shown; onRun(): void }) {
  const words = useWords();
  const text = useRef<HTMLElement>(null);
  useEffect(() => {
    const root = text.current!;
    root.innerHTML = lesson.html;
    listenForAnswers(root);
    addRunButtons(root, words, (commands) => {
      terminalLink.run(commands);
      onRun();
    });
  }, [lesson.html]);
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with keys
  return <article class="text" ref={text} tabIndex={0} />;
}

/** What the server has at this path; asked again when `again` changes. */
function useJson<T>(path: string | undefined, again: unknown = undefined): T | undefined {
  const [value, setValue] = useState<{ path: string; json: T }>();
  useEffect(() => {
    if (!path) return;
    const stop = new AbortController();
    fetch(path, { signal: stop.signal })
      .then((response) => (response.ok ? response.json() : Promise.reject(response.status)))
      .then((json: T) => setValue({ path, json }))
      .catch(() => {});
    return () => stop.abort();
  }, [path, again]);
  return value?.path === path ? value?.json : undefined;
}
