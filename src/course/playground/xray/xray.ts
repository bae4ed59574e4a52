// The X-ray: looks at the machine a few times a second, but only at what some page shows, and tells what has changed.

import { statSync } from "node:fs";
import { type Container, containerIds, readContainer } from "../../../10-containers/container.ts";
import { observe } from "../../../10-containers/explain/observe.ts";
import { containersFolder, namesFolder, type Roots } from "../../../10-containers/folders.ts";
import { isAlive } from "../../../10-containers/identity.ts";
import type { ProcessRow, Tab, Told, World } from "../messages.ts";
import { type Answers, answersOf } from "./answers.ts";
import { GroupTree } from "./groups.ts";
import { Hostnames } from "./hostname.ts";
import { layersOf } from "./layers.ts";
import { networksOf } from "./networks.ts";
import { ProcessTable, type Seen } from "./processes.ts";

/** What a page shows. */
export interface Shown {
  tab: Tab;
  /** Ids of worlds, in the order of the columns. */
  worlds: string[];
}

const FRESH_MS = 1_500;

const HOST: World = { id: "host", name: "host", pid: process.pid, depth: 0 };

export class Xray {
  private readonly roots: Roots;
  private readonly table = new ProcessTable();
  private readonly hostnames = new Hostnames();
  private readonly groups = new GroupTree();
  private known = { key: "", at: 0, containers: [] as Container[] };

  constructor(roots: Roots) {
    this.roots = roots;
  }

  /** Everything that pages which show this have to know. */
  look(shown: Shown[]): Told[] {
    const seen = this.table.look();
    const containers = this.running(seen.worlds.map(({ pid }) => pid));
    const worlds = worldsIn(seen, containers, (pid) => this.hostnames.of(pid));
    const isShown = (tab: Tab) => shown.some((each) => each.tab === tab);
    const wanted = worlds.filter(({ id }) => shown.some((each) => each.worlds.includes(id)));
    return [
      { worlds },
      ...(isShown("answers") ? [{ answers: this.answers(wanted) }] : []),
      ...(isShown("groups") ? [{ groups: this.groups.look((path) => nameOfGroup(path, worlds)) }] : []),
      ...(isShown("layers") ? [{ layers: layersIn(wanted, containers) }] : []),
      ...(isShown("network") ? [{ networks: networksOf(this.roots, [HOST, ...worlds]) }] : []),
      ...(isShown("processes") ? [{ processes: seen.processes.filter(isContained) }] : []),
    ];
  }

  /** Read again when processes or names have come or gone; and now and then, since one is there before it is on record. */
  private running(firsts: number[]): Container[] {
    const key = [...firsts, changedAt(containersFolder(this.roots)), changedAt(namesFolder(this.roots))].join();
    if (key !== this.known.key || Date.now() - this.known.at > FRESH_MS) {
      const all = containerIds(this.roots).flatMap((id) => readable(this.roots, id) ?? []);
      this.known = { key, at: Date.now(), containers: all.filter(({ state }) => isAlive(state.process)) };
    }
    return this.known.containers;
  }

  private answers(worlds: World[]): Record<string, Answers> {
    const host = observe(process.pid);
    const entries = [HOST, ...worlds].map((world) => {
      const seen = world === HOST ? host : observe(world.pid);
      const memoryLimitBytes = this.groups.memoryLimitOf(seen.cgroup ?? {});
      const hostname = this.hostnames.of(world.pid);
      return [
        world.id,
        answersOf(
          { world, seen, hostname, firsts: worlds, ...(memoryLimitBytes !== undefined && { memoryLimitBytes }) },
          host,
        ),
      ] as const;
    });
    return Object.fromEntries(entries);
  }
}

function changedAt(folder: string): number {
  return statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** One whose files can't be understood is looked at as anybody's. */
function readable(roots: Roots, id: string): Container | undefined {
  try {
    return readContainer(roots, id);
  } catch {
    return undefined;
  }
}

/** The engine's own first, by their names; then whatever else there is. */
function worldsIn({ worlds }: Seen, containers: Container[], hostnameOf: (pid: number) => string): World[] {
  const named = worlds.map((world): World => {
    const own = containers.find(({ state }) => state.process?.pid === world.pid);
    return { ...world, name: own?.record.name ?? hostnameOf(world.pid), ...(own && { containerId: own.record.id }) };
  });
  const isOwn = ({ containerId }: World) => Number(containerId !== undefined);
  return named.sort((one, other) => isOwn(other) - isOwn(one) || one.name.localeCompare(other.name));
}

function nameOfGroup(path: string, worlds: World[]): string | undefined {
  return worlds.find(({ containerId }) => containerId === path)?.name;
}

function layersIn(worlds: World[], containers: Container[]) {
  return worlds.flatMap(({ id, containerId }) => {
    const container = containers.find(({ record }) => record.id === containerId);
    return container ? [layersOf(container, id)] : [];
  });
}

function isContained({ world }: ProcessRow): boolean {
  return world !== HOST.id;
}
