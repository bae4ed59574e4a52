// A shell in the lab. xterm.js draws it; with a screen reader it says what is drawn.

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { useEffect, useRef, useState } from "preact/hooks";
import { useWords } from "./settings.ts";
import { type LinkState, terminalLink } from "./terminal-link.ts";
import { terminalTheme } from "./terminal-theme.ts";

export function TerminalPane({ isDark, isShown }: { isDark: boolean; isShown: boolean }) {
  const words = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<LinkState>({ is: "open" });
  const terminal = useTerminal(place, isDark, setState);

  // While its pane was hidden it had no size, and on a narrow screen whoever comes here wants to type.
  useEffect(() => {
    if (isShown) terminal.current?.focus();
  }, [isShown]);

  return (
    <section class="pane terminal" aria-label={words.terminal}>
      <header>
        <h2>{words.terminal}</h2>
        <button type="button" class="quiet" title={words.restartHint} onClick={() => terminalLink.restart()}>
          {words.restart}
        </button>
      </header>
      <div class="screen">
        <div ref={place} />
      </div>
      <p class="hidden" id="leave-terminal">
        {words.leaveTerminal}
      </p>
      {(state.is === "ended" || state.is === "failed") && (
        <div class="over" role="status">
          <p>{state.is === "failed" ? `${words.labFailed} ${state.why}` : words.labEnded}</p>
          <button type="button" class="main" onClick={() => terminalLink.restart()}>
            {words.restart}
          </button>
        </div>
      )}
    </section>
  );
}

function useTerminal(place: { current: HTMLDivElement | null }, isDark: boolean, onState: (state: LinkState) => void) {
  const words = useWords();
  const terminal = useRef<Terminal>(undefined);

  useEffect(() => {
    const own = new Terminal({
      fontFamily: "'IBM Plex Mono', ui-monospace, 'DejaVu Sans Mono', monospace",
      fontSize: 13,
      lineHeight: 1.25,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      screenReaderMode: true,
      minimumContrastRatio: 4.5,
      theme: terminalTheme(isDark),
    });
    const fit = new FitAddon();
    own.loadAddon(fit);
    own.open(place.current!);
    own.attachCustomKeyEventHandler((event) => !isLeaving(event));
    own.onData((text) => terminalLink.type(text));
    own.onBinary((text) => terminalLink.type(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
    own.onResize(({ rows, cols }) => terminalLink.resize({ rows, columns: cols }));
    const observer = new ResizeObserver(() => place.current!.offsetWidth > 0 && fit.fit());
    observer.observe(place.current!);
    fit.fit();
    terminalLink.onState = onState;
    terminalLink.open(
      { write: (bytes) => own.write(bytes), clear: () => own.reset() },
      { rows: own.rows, columns: own.cols },
    );
    terminal.current = own;
  }, []);

  useEffect(() => {
    if (terminal.current) terminal.current.options.theme = terminalTheme(isDark);
  }, [isDark]);
  useEffect(() => {
    terminal.current?.textarea?.setAttribute("aria-label", words.terminalLabel);
    terminal.current?.textarea?.setAttribute("aria-describedby", "leave-terminal");
  }, [words]);
  return terminal;
}

/** Tab belongs to the shell, so there has to be another way out for who has no mouse. */
function isLeaving(event: KeyboardEvent): boolean {
  if (!(event.key === "Escape" && event.ctrlKey && event.shiftKey)) return false;
  document.querySelector<HTMLElement>(".pane.xray select, .pane.xray button")?.focus();
  return true;
}
