// Bytes as people read them, in units of 1024.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

export function bytesText(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10));
  const value = count / 1024 ** power;
  return `${value >= 10 || power === 0 ? Math.round(value) : Number(value.toFixed(1))} ${UNITS[power]}`;
}
