// Spans of time as people read them, in the words of docker/go-units: what a container's status is told in.

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
