// Sentences in Chinese, found by their English wording: so the layers below say everything once, in the words of the source,
// and know nothing of languages. What differs from machine to machine stands as {} in both; {0}, {1} where the order differs.

export type Catalogue = Record<string, string>;

/** The Chinese sentence; undefined where nobody has translated it. */
export function chineseFor(english: string, catalogues: readonly Catalogue[]): string | undefined {
  for (const catalogue of catalogues) {
    const same = catalogue[english];
    if (same !== undefined) return same;
  }
  for (const [pattern, chinese] of catalogues.flatMap(patternsOf)) {
    const found = pattern.exec(english);
    if (found) return filledIn(chinese, found.slice(1), catalogues);
  }
  return undefined;
}

/** What stands for {} may be a sentence, too. */
function filledIn(chinese: string, pieces: string[], catalogues: readonly Catalogue[]): string {
  let index = 0;
  return chinese.replace(/\{(\d?)\}/g, (_, at) => {
    const piece = pieces[at === "" ? index++ : Number(at)] ?? "";
    return chineseFor(piece, catalogues) ?? piece;
  });
}

const compiled = new Map<Catalogue, [RegExp, string][]>();

function patternsOf(catalogue: Catalogue): [RegExp, string][] {
  const known = compiled.get(catalogue);
  if (known) return known;
  const open = Object.entries(catalogue).filter(([english]) => english.includes("{}"));
  const patterns = open.map(([english, chinese]): [RegExp, string] => [patternOf(english), chinese]);
  compiled.set(catalogue, patterns);
  return patterns;
}

function patternOf(english: string): RegExp {
  const pieces = english.split("{}").map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pieces.join("(.+)")}$`, "s");
}
