// The page: lesson beside terminal beside X-ray. On a narrow screen one of them at a time.

import { render } from "preact";
import { useState } from "preact/hooks";
import { useKnown } from "./connection.ts";
import { LessonPane } from "./lesson/lesson-pane.tsx";
import { LanguageContext, type Settings, type Theme, useIsDark, useSettings, useWords } from "./settings.ts";
import { TerminalPane } from "./terminal-pane.tsx";
import { XrayPane } from "./xray/xray-pane.tsx";

const PANES = ["lesson", "terminal", "xray"] as const;
type Pane = (typeof PANES)[number];

function Page() {
  const settings = useSettings();
  return (
    <LanguageContext.Provider value={settings.language}>
      <Panes settings={settings} />
    </LanguageContext.Provider>
  );
}

function Panes({ settings }: { settings: Settings }) {
  const words = useWords();
  const { isConnected } = useKnown();
  // Where there is no room for all, this one is shown; elsewhere it makes no difference.
  const [pane, setPane] = useState<Pane>("lesson");
  return (
    <div class="page" data-pane={pane}>
      <a class="skip" href="#lesson">
        {words.skip}
      </a>
      <header class="top">
        <h1>
          mini-docker <span>playground</span>
        </h1>
        <Choices settings={settings} />
      </header>
      {!isConnected && (
        <p class="notice" role="status">
          {words.away}
        </p>
      )}
      <main>
        <LessonPane language={settings.language} onRun={() => setPane("terminal")} />
        <TerminalPane isDark={useIsDark(settings.theme)} isShown={pane === "terminal"} />
        <XrayPane />
      </main>
      <nav class="panes" aria-label={words.panes}>
        {PANES.map((name) => (
          <button type="button" key={name} aria-pressed={pane === name} onClick={() => setPane(name)}>
            {words[name]}
          </button>
        ))}
      </nav>
    </div>
  );
}

function Choices({ settings }: { settings: Settings }) {
  const words = useWords();
  const { language, theme, set } = settings;
  const other = language === "en" ? "zh" : "en";
  return (
    <div class="choices">
      <label>
        <span class="hidden">{words.theme}</span>
        <select value={theme} onChange={({ currentTarget }) => set({ theme: currentTarget.value as Theme })}>
          {Object.entries(words.themes).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <button type="button" lang={other === "zh" ? "zh-Hans" : "en"} onClick={() => set({ language: other })}>
        {words.otherLanguage}
      </button>
    </div>
  );
}

render(<Page />, document.getElementById("app")!);
