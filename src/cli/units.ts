// Sizes and spans of time as people read them, in the words of docker/go-units: `12.3MB`, `1.5GiB`, `About an hour`.

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

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24;

/** A span in its largest fitting unit: `Less than a second`, `3 seconds`, `About a minute`, `5 weeks`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  const hours = Math.trunc(seconds / HOUR + 0.5);
  if (seconds < 1) return "Less than a second";
  if (seconds < MINUTE) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  if (seconds < HOUR) return seconds < 2 * MINUTE ? "About a minute" : `${Math.trunc(seconds / MINUTE)} minutes`;
  if (hours < 48) return hours <= 1 ? "About an hour" : `${hours} hours`;
  return humanDays(hours);
}

function humanDays(hours: number): string {
  if (hours < DAY * 7 * 2) return `${Math.trunc(hours / DAY)} days`;
  if (hours < DAY * 30 * 2) return `${Math.trunc(hours / DAY / 7)} weeks`;
  if (hours < DAY * 365 * 2) return `${Math.trunc(hours / DAY / 30)} months`;
  return `${Math.trunc(hours / DAY / 365)} years`;
}

/** The time of a system call, in at most seven columns: `0.9 µs`, `88 µs`, `1.3 ms`, `2.4 s`. */
export function callTime(nanoseconds: number): string {
  const [value, unit] = nanoseconds < 1e6 ? [nanoseconds / 1e3, "µs"] : [nanoseconds / 1e6, "ms"];
  if (value >= 1000) return `${(nanoseconds / 1e9).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
