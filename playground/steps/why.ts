// Why a call is there, in the reader's language: the engine says it in English, and the command line's catalogue has it in
// Chinese.

import { useContext } from "preact/hooks";
import { chineseFor } from "../../src/cli/show/chinese/catalogue.ts";
import { WHYS } from "../../src/cli/show/chinese/whys.ts";
import { LanguageContext } from "../settings.ts";

/** What nobody has translated stays as it is. */
export function useWhy(): (english: string) => string {
  const language = useContext(LanguageContext);
  return (english) => (language === "zh" ? (chineseFor(english, [WHYS]) ?? english) : english);
}
