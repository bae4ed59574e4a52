// What a container's / is put together of: its own layer on top, with what it has changed, and the image's below it.

import type { Layers } from "../../src/course/playground/messages.ts";
import type { Known } from "../connection.ts";
import { useWords } from "../settings.ts";
import { bytesText } from "./units.ts";
import type { Columns } from "./xray-pane.tsx";

export function LayersView({ known, columns }: { known: Known; columns: Columns }) {
  const words = useWords();
  const shown = columns.ids.flatMap((id) => known.layers.find(({ world }) => world === id) ?? []);
  if (shown.length === 0) return <p class="empty">{words.noLayers}</p>;
  return (
    <div class="stacks">
      {shown.map((layers) => (
        <Stack
          key={layers.world}
          layers={layers}
          tone={["one", "other"][columns.ids.indexOf(layers.world)]}
          name={known.worlds.find(({ id }) => id === layers.world)?.name ?? ""}
        />
      ))}
    </div>
  );
}

function Stack({ layers, name, tone }: { layers: Layers; name: string; tone: string | undefined }) {
  const words = useWords();
  return (
    <section>
      <h3 data-tone={tone}>{words.layersOf(name)}</h3>
      <div class="layer own">
        <p>{words.written}</p>
        {layers.changes.length === 0 && <p class="faint">{words.noChanges}</p>}
        <ul class="changes">
          {layers.changes.map(({ kind, path }) => (
            <li key={path} data-sign={SIGNS[kind]}>
              <span class="sign" aria-hidden="true">
                {SIGNS[kind]}
              </span>
              <span class="hidden">{words.kinds[kind]} </span>
              <code>{path}</code>
            </li>
          ))}
        </ul>
        {layers.hidden > 0 && <p class="faint">{words.more(layers.hidden)}</p>}
      </div>
      {layers.layers.map(({ digest, bytes }) => (
        <div class="layer" key={digest}>
          {words.layer} <code>{digest}</code> <small>{bytesText(bytes)}</small>
        </div>
      ))}
    </section>
  );
}

const SIGNS = { A: "+", C: "~", D: "−" } as const;
