// How many columns of a terminal a text takes. Letters take one; those of East Asian scripts and emoji take two, accents
// and joiners none, and the codes that colour a text are not seen at all.
// See Unicode Standard Annex #11, and console_codes(4).

const COLOUR = /\x1b\[[\d;]*m/g;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Blocks of the wide and fullwidth characters, first and last. */
const WIDE: [number, number][] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

export function displayWidth(text: string): number {
  // Nearly every text; and it is asked for every cell of every table.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return [...text.replace(COLOUR, "")].reduce((sum, character) => sum + characterWidth(character), 0);
}

function characterWidth(character: string): number {
  const point = character.codePointAt(0)!;
  if (ZERO.test(character)) return 0;
  return WIDE.some(([first, last]) => point >= first && point <= last) ? 2 : 1;
}

/** Spaces behind `text` up to `columns`. */
export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

/** Shortened to fit into `columns`, with an ellipsis where something is missing. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const characters = [...text];
  while (characters.length > 0 && displayWidth(characters.join("")) > columns - 1) characters.pop();
  return `${characters.join("")}…`;
}
