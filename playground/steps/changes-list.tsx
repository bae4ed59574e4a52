// Changes with a sign each: + is there now, − is gone, ~ is another. Many of one kind are folded.

import type { Change } from "../../src/10-containers/explain/changes.ts";
import { useWords } from "../settings.ts";
import { byArea, signOf } from "./moments.ts";

const MANY = 8;

export function ChangesList({ changes }: { changes: Change[] }) {
  return (
    <dl class="changed">
      {byArea(changes).map(({ area, changes }) => (
        <Area key={area} area={area} changes={changes} />
      ))}
    </dl>
  );
}

function Area({ area, changes }: { area: Change["area"]; changes: Change[] }) {
  const words = useWords();
  const rest = changes.slice(MANY);
  return (
    <>
      <dt>{words.areas[area]}</dt>
      <dd>
        <Lines changes={changes.slice(0, MANY)} />
        {rest.length > 0 && (
          <details>
            <summary>{words.more(rest.length)}</summary>
            <Lines changes={rest} />
          </details>
        )}
      </dd>
    </>
  );
}

function Lines({ changes }: { changes: Change[] }) {
  const words = useWords();
  return (
    <ul class="changes">
      {changes.map((change) => (
        <li key={change.name} data-sign={signOf(change)}>
          <span class="sign" aria-hidden="true">
            {signOf(change)}
          </span>
          <span class="hidden">{words.signs[signOf(change)]} </span>
          <Line change={change} />
        </li>
      ))}
    </ul>
  );
}

function Line({ change: { area, name, before, after } }: { change: Change }) {
  if (area === "capability") return <code>{name}</code>;
  // A mount's name is a number that means nothing.
  const label = area === "mount" ? "" : `${name} `;
  const [old, now] = [before, after].map((value) => value && brief(value));
  return (
    <code>
      {label}
      {old !== undefined && now !== undefined ? (
        <>
          <del>{old || "–"}</del> → <ins>{now || "–"}</ins>
        </>
      ) : (
        (now ?? old)
      )}
    </code>
  );
}

/** Ids of 64 digits are as good with 12. */
export function brief(text: string): string {
  return text
    .replace(/\S*\/containers\/[0-9a-f]{64}\/rootfs/g, "…/rootfs")
    .replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, "$1…");
}

/** What fits a line of a list: of long paths their ends. */
export function glance(call: string): string {
  const short = brief(call)
    .replace("AT_FDCWD, ", "")
    .replace(/[0-9a-f]{12}…/g, "ID");
  return short.replace(/"([^"]{24,})"/g, (whole, path: string) => {
    const end = path.split("/").slice(-2).join("/");
    return path.startsWith("/") && end.length + 2 < path.length ? `"…/${end}"` : whole;
  });
}
