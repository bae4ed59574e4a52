// Sizes and spans of time as people read them, in the words of docker/go-units: `12.3MB`, `1.5GiB`, `About an hour`.

export { humanDuration } from "../../10-containers/look/duration.ts";

const DECIMAL = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** Bytes as disks and images are measured, in thousands, to so many digits. */
export function humanSize(bytes: number, digits = 4): string {
  return scaled(bytes, 1000, DECIMAL, digits);
}

/** Bytes as memory is measured, each unit 1024 of the one before. */
export function memorySize(bytes: number): string {
  return scaled(bytes, 1024, BINARY, 4);
}

function scaled(bytes: number, base: number, units: string[], digits: number): string {
  const power = units.findIndex((_, index) => bytes < base ** (index + 1));
  const unit = power < 0 ? units.length - 1 : power;
  return `${significant(bytes / base ** unit, digits)}${units[unit]}`;
}

/** C's `%.4g`: so many digits, no zeros at the end, and an exponent where the digits do not reach the point. */
function significant(value: number, digits: number): string {
  const [mantissa, exponent] = value.toPrecision(digits).split("e+");
  return `${Number(mantissa)}${exponent === undefined ? "" : `e+${exponent.padStart(2, "0")}`}`;
}

/** The time of a system call, in at most seven columns: `0.9 µs`, `88 µs`, `1.3 ms`, `2.4 s`. */
export function callTime(nanoseconds: number): string {
  const [value, unit] = nanoseconds < 1e6 ? [nanoseconds / 1e3, "µs"] : [nanoseconds / 1e6, "ms"];
  if (value >= 1000) return `${(nanoseconds / 1e9).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
