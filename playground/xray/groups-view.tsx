// The cgroup tree: how much each group may have, and what it uses now.

import type { GroupRow } from "../../src/course/playground/messages.ts";
import type { Known } from "../connection.ts";
import { useWords } from "../settings.ts";
import { bytesText } from "./units.ts";

export function GroupsView({ known }: { known: Known }) {
  const words = useWords();
  if (known.groups.length === 0) return <p class="empty">{words.noGroups}</p>;
  return (
    <table class="list groups">
      <caption class="hidden">{words.tabs.groups}</caption>
      <thead>
        <tr>
          <th scope="col">{words.group}</th>
          <th scope="col">{words.memory}</th>
          <th scope="col">{words.cpu}</th>
          <th scope="col">{words.processes}</th>
        </tr>
      </thead>
      <tbody>
        {known.groups.map((group) => (
          <tr key={group.path}>
            <th scope="row">
              <span class="branch" style={{ paddingInlineStart: `${(group.path.split("/").length - 1) * 1.1}em` }}>
                {group.name}
              </span>
            </th>
            <td>
              <Use now={group.memoryBytes} limit={group.memoryLimitBytes} say={bytesText} />
            </td>
            <td>{cpu(group)}</td>
            <td>
              <Use now={group.pids} limit={group.pidsLimit} say={String} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function cpu({ cpuPercent }: GroupRow): string {
  return cpuPercent === undefined ? "…" : `${cpuPercent.toFixed(1)} %`;
}

interface UseProps {
  now: number | undefined;
  limit: number | undefined;
  say(value: number): string;
}

function Use({ now, limit, say }: UseProps) {
  const words = useWords();
  if (now === undefined) return <span class="faint">–</span>;
  const full = limit === undefined ? 0 : Math.min(1, now / limit);
  return (
    <>
      {say(now)} <small>{limit === undefined ? words.noLimit : words.of(say(limit))}</small>
      {limit !== undefined && (
        <span class="gauge" aria-hidden="true" data-full={full > 0.9}>
          <span style={{ inlineSize: `${full * 100}%` }} />
        </span>
      )}
    </>
  );
}
