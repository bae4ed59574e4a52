// What the person has chosen: language, colours. The address may name a language, and what is chosen is remembered.

import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { type Language, WORDS, type Words } from "./words.ts";

export type Theme = "auto" | "light" | "dark";

export interface Settings {
  language: Language;
  theme: Theme;
  set(change: Partial<Pick<Settings, "language" | "theme">>): void;
}

const KEY = "mini-docker playground";

export function useSettings(): Settings {
  const [chosen, setChosen] = useState(atFirst);
  useEffect(() => {
    document.documentElement.lang = chosen.language === "zh" ? "zh-Hans" : "en";
    document.documentElement.dataset.theme = chosen.theme;
    remember(chosen);
  }, [chosen]);
  return { ...chosen, set: (change) => setChosen((before) => ({ ...before, ...change })) };
}

interface Chosen {
  language: Language;
  theme: Theme;
}

function atFirst(): Chosen {
  const asked = new URLSearchParams(location.search).get("lang");
  const { language = "en", theme = "auto" } = remembered();
  return { theme, language: asked === "en" || asked === "zh" ? asked : language };
}

/** A browser may keep nothing. */
function remembered(): Partial<Chosen> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Chosen>;
  } catch {
    return {};
  }
}

function remember(chosen: Chosen): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch {}
}

export const LanguageContext = createContext<Language>("en");

export function useWords(): Words {
  return WORDS[useContext(LanguageContext)];
}

/** Whether it is dark now, by choice or by the system's. */
export function useIsDark(theme: Theme): boolean {
  const [query] = useState(() => matchMedia("(prefers-color-scheme: dark)"));
  const [isSystemDark, setSystemDark] = useState(query.matches);
  useEffect(() => {
    const tell = () => setSystemDark(query.matches);
    query.addEventListener("change", tell);
    return () => query.removeEventListener("change", tell);
  }, [query]);
  return theme === "auto" ? isSystemDark : theme === "dark";
}
