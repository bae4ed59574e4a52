// The X-ray: what the kernel says, one view at a time. The first is the one this is all about.

import { useEffect, useState } from "preact/hooks";
import { TABS, type Tab } from "../../src/course/playground/messages.ts";
import { connection, type Known, useKnown } from "../connection.ts";
import { useWords } from "../settings.ts";
import { AnswersView } from "./answers-view.tsx";
import { GroupsView } from "./groups-view.tsx";
import { LayersView } from "./layers-view.tsx";
import { NetworkView } from "./network-view.tsx";
import { ProcessesView } from "./processes-view.tsx";
import { StepsView } from "./steps-view.tsx";
import { Tabs } from "./tabs.tsx";

/** What is shown: the columns that were chosen, as long as they are there, and the first others in their place. */
export interface Columns {
  ids: string[];
  choose(column: number, id: string): void;
}

const COLUMNS = 2;

export function XrayPane() {
  const words = useWords();
  const known = useKnown();
  const [tab, setTab] = useState<Tab>("answers");
  const [chosen, setChosen] = useState<string[]>([]);
  const [isWide, setWide] = useState(false);
  const ids = columnsOf(known, chosen);
  const columns = {
    ids,
    choose: (column: number, id: string) => setChosen(ids.map((each, index) => (index === column ? id : each))),
  };
  useEffect(() => connection.say({ show: tab, worlds: ids }), [tab, ids.join()]);

  return (
    <section class="pane xray" data-wide={isWide} aria-label={words.xray}>
      <header>
        <h2>{words.xray}</h2>
        <Tabs
          label={words.views}
          tabs={TABS.map((id) => ({ id, label: words.tabs[id] }))}
          chosen={tab}
          onChoose={(id) => setTab(id)}
        />
        <button type="button" class="quiet wide" aria-pressed={isWide} onClick={() => setWide(!isWide)}>
          {isWide ? words.narrower : words.wider}
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with keys */}
      <div class="view" role="tabpanel" id="view" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === "answers" && <AnswersView known={known} columns={columns} />}
        {tab === "groups" && <GroupsView known={known} />}
        {tab === "layers" && <LayersView known={known} columns={columns} />}
        {tab === "network" && <NetworkView known={known} />}
        {tab === "processes" && <ProcessesView known={known} columns={columns} />}
        {tab === "steps" && <StepsView known={known} />}
      </div>
    </section>
  );
}

function columnsOf({ worlds }: Known, chosen: string[]): string[] {
  const there = worlds.map(({ id }) => id);
  const kept = Array.from({ length: COLUMNS }, (_, index) =>
    there.includes(chosen[index] ?? "") ? chosen[index]! : "",
  );
  const others = preferred(worlds).filter((id) => !kept.includes(id));
  return kept.map((id) => id || others.shift() || "").filter((id) => id !== "");
}

const APPS = ["meter", "guest"];

/** The two apps of the course, before the lab and whatever else there is; somebody else may have two of these names. */
function preferred(worlds: Known["worlds"]): string[] {
  const rank = ({ name, containerId }: Known["worlds"][number]) => {
    return containerId !== undefined && APPS.includes(name) ? APPS.indexOf(name) : APPS.length;
  };
  return worlds.toSorted((one, other) => rank(one) - rank(other)).map(({ id }) => id);
}
