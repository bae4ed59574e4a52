// What a stack of layers shows, worked out from their archives alone: nothing is unpacked. Layer by layer the picture
// grows, and each new entry may hide what lower layers have: the bytes of those stay in the image all the same, since a
// layer is never changed once it is made.

import { type BytePath, toText } from "../05-overlay/index.ts";
import { componentsOf } from "./beneath.ts";
import type { TarEntry, TarType } from "./tar-header.ts";
import { meaningOf } from "./whiteout-names.ts";

/** One thing that a layer does: puts a file where none was, in place of another, or takes one from sight. */
export interface SeenEntry {
  change: "added" | "changed" | "hidden";
  path: string;
  type: TarType;
  mode: number;
  uid: number;
  gid: number;
  /** Of its content; of what is hidden all that was there. A hard link adds none. */
  bytes: number;
  /** Where a link leads. */
  target?: string;
  /** The layer, 0 for the lowest, that puts something else in its place or takes it from sight. */
  hiddenBy?: number;
  isReplaced?: true;
  /** Of what is hidden: the layers in which it still is. */
  from?: number[];
}

/** Content, which may have several names: it is wasted when the last of them is out of sight. */
interface Content {
  bytes: number;
  layer: number;
  names: number;
}

interface Shown {
  entry: SeenEntry;
  content: Content;
  layer: number;
}

interface Node {
  children: Map<BytePath, Node>;
  /** None for a directory that is only implied. */
  shown?: Shown;
}

export class Picture {
  /** By layer. */
  readonly entries: SeenEntry[][] = [];
  private readonly contents: Content[] = [];
  private readonly root: Node = { children: new Map() };

  /** The next layer begins. */
  begin(): void {
    this.entries.push([]);
  }

  /** Throws UserError for a name that climbs, or makes no sense. */
  add(entry: TarEntry): void {
    const names = componentsOf(entry.name);
    const meaning = meaningOf(names);
    if (names.length === 0 || meaning.is === "bookkeeping") return;
    const folder = names.slice(0, -1);
    const parent = this.nodeAt(folder);
    if (meaning.is === "opaque") this.hideChildren(parent, folder);
    else if (meaning.is === "whiteout") this.hide(parent, folder, meaning.hides);
    else this.put(parent, names, entry);
  }

  /** Of the files that a layer brings. */
  bytesOf(layer: number): number {
    return sum(this.contents.filter((content) => content.layer === layer));
  }

  /** Of those, what nothing shows any more. */
  wastedBytesOf(layer: number): number {
    return sum(this.contents.filter((content) => content.layer === layer && content.names === 0));
  }

  private get layer(): number {
    return this.entries.length - 1;
  }

  private nodeAt(names: BytePath[]): Node {
    let node = this.root;
    for (const name of names) node = childOf(node, name);
    return node;
  }

  private put(parent: Node, path: BytePath[], entry: TarEntry): void {
    const node = childOf(parent, path.at(-1)!);
    const old = node.shown;
    const isOldDirectory = old?.entry.type === "directory" || (!old && node.children.size > 0);
    if (entry.type !== "directory") this.cover(node);
    // A directory merges with the one below; it is named in most layers only because something in it changed.
    else if (isOldDirectory && old && isSameDirectory(old.entry, entry)) return;
    else if (!isOldDirectory) this.cover(node);
    const shown = this.show(path, entry, old !== undefined);
    node.shown = shown;
    this.entries[this.layer]!.push(shown.entry);
  }

  private show(path: BytePath[], entry: TarEntry, isThere: boolean): Shown {
    const { type, mode, uid, gid, size, storedBytes = size, linkName } = entry;
    const known = type === "link" ? this.linked(linkName) : undefined;
    const content = known ?? { bytes: type === "file" ? storedBytes : 0, layer: this.layer, names: 0 };
    if (!known) this.contents.push(content);
    content.names += 1;
    const target = type === "link" || type === "symlink" ? { target: toText(linkName) } : {};
    const change = isThere ? "changed" : "added";
    const bytes = known ? 0 : content.bytes;
    return {
      layer: this.layer,
      content,
      entry: { change, path: toText(path.join("/")), type, mode, uid, gid, bytes, ...target },
    };
  }

  private linked(target: BytePath): Content | undefined {
    return this.find(componentsOf(target))?.shown?.content;
  }

  private find(names: BytePath[]): Node | undefined {
    let node: Node | undefined = this.root;
    for (const name of names) node = node?.children.get(name);
    return node;
  }

  /** Nothing of what the node was is seen any more. */
  private cover(node: Node): void {
    for (const shown of this.shownIn(node)) {
      this.lose(shown);
      shown.entry.isReplaced = true;
    }
    node.children.clear();
    delete node.shown;
  }

  private lose({ entry, content }: Shown): void {
    entry.hiddenBy = this.layer;
    content.names -= 1;
  }

  /** What this layer has itself stays; a whiteout is about the layers below. */
  private hide(parent: Node, names: BytePath[], name: BytePath): void {
    const node = parent.children.get(name);
    if (node) this.report(this.takeOld(node), [...names, name], node.shown?.entry);
    if (node && isEmpty(node)) parent.children.delete(name);
  }

  private hideChildren(parent: Node, names: BytePath[]): void {
    const old = [...parent.children].flatMap(([name, node]) => {
      const lost = this.takeOld(node);
      if (isEmpty(node)) parent.children.delete(name);
      return lost;
    });
    this.report(old, names, parent.shown?.entry);
  }

  private takeOld(node: Node): Shown[] {
    const lost: Shown[] = [];
    for (const [name, child] of node.children) {
      lost.push(...this.takeOld(child));
      if (isEmpty(child)) node.children.delete(name);
    }
    if (node.shown && node.shown.layer < this.layer) {
      this.lose(node.shown);
      lost.push(node.shown);
      delete node.shown;
    }
    return lost;
  }

  private report(lost: Shown[], path: BytePath[], was: SeenEntry | undefined): void {
    if (lost.length === 0) return;
    // The one whose name it is comes last.
    const { type, mode, uid, gid } = was ?? lost.at(-1)!.entry;
    const files = lost.filter(({ entry }) => entry.type !== "directory");
    const from = [...new Set((files.length > 0 ? files : lost).map(({ layer }) => layer))].sort((a, b) => a - b);
    const bytes = lost.reduce((total, { entry }) => total + entry.bytes, 0);
    const entry: SeenEntry = { change: "hidden", path: toText(path.join("/")), type, mode, uid, gid, bytes, from };
    this.entries[this.layer]!.push(entry);
  }

  private *shownIn(node: Node): Generator<Shown> {
    for (const child of node.children.values()) yield* this.shownIn(child);
    if (node.shown) yield node.shown;
  }
}

function childOf(node: Node, name: BytePath): Node {
  const known = node.children.get(name);
  if (known) return known;
  const child: Node = { children: new Map() };
  node.children.set(name, child);
  return child;
}

function isEmpty({ children, shown }: Node): boolean {
  return children.size === 0 && shown === undefined;
}

function isSameDirectory(old: SeenEntry, { mode, uid, gid }: TarEntry): boolean {
  return old.type === "directory" && old.mode === mode && old.uid === uid && old.gid === gid;
}

function sum(contents: Content[]): number {
  return contents.reduce((total, { bytes }) => total + bytes, 0);
}
