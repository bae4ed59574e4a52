// The processes of containers as the tree they are on the host, each with all the numbers it has.

import type { ProcessRow } from "../../src/course/playground/messages.ts";
import type { Known } from "../connection.ts";
import { useWords } from "../settings.ts";
import type { Columns } from "./xray-pane.tsx";

export function ProcessesView({ known, columns }: { known: Known; columns: Columns }) {
  const words = useWords();
  const rows = asTree(known.processes);
  if (rows.length === 0) return <p class="empty">{words.noProcesses}</p>;
  const nameOf = (id: string) => known.worlds.find((world) => world.id === id)?.name ?? id;
  const toneOf = (id: string) => ["one", "other"][columns.ids.indexOf(id)];
  return (
    <table class="list">
      <caption class="hidden">{words.tabs.processes}</caption>
      <thead>
        <tr>
          <th scope="col">{words.process}</th>
          <th scope="col">{words.pidsIn}</th>
          <th scope="col">{words.world}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ row, depth }) => (
          <tr key={row.pid}>
            <th scope="row">
              <code class="branch" style={{ paddingInlineStart: `${depth * 1.1}em` }}>
                {row.command}
              </code>
            </th>
            <td>
              <code>{row.pids.join(" → ")}</code>
            </td>
            <td data-tone={toneOf(row.world)}>{nameOf(row.world)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface Placed {
  row: ProcessRow;
  depth: number;
}

function asTree(rows: ProcessRow[]): Placed[] {
  const pids = new Set(rows.map(({ pid }) => pid));
  const below = (row: ProcessRow, depth: number): Placed[] => [
    { row, depth },
    ...rows.filter(({ parent }) => parent === row.pid).flatMap((child) => below(child, depth + 1)),
  ];
  return rows.filter(({ parent }) => !pids.has(parent)).flatMap((row) => below(row, 0));
}
