// A moment as Go prints it, which is how Docker's lists have it: `2026-11-28 16:25:13 +0000 UTC`.

const pad = (number: number): string => String(number).padStart(2, "0");

/** In this machine's time zone. */
export function goTime(time: Date): string {
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(pad).join("-");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(pad).join(":");
  const offset = goOffset(-time.getTimezoneOffset());
  return `${date} ${clock} ${offset} ${zoneName(time, offset)}`;
}

/** Minutes east of Greenwich → `+0530` */
function goOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}${pad(size % 60)}`;
}

/** `UTC`, `EST`; a zone without such a name is called by its offset. */
function zoneName(time: Date, offset: string): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(time);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return /^[A-Z]{3,5}$/.test(name) ? name : offset;
}
