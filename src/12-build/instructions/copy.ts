// COPY and ADD: files of the context, of another stage or of an image, or written out in the Dockerfile. ADD also fetches
// URLs, and unpacks archives of the context.

import { posix } from "node:path";
import { copyWork } from "../copy.ts";
import { type Arguments, expanded, flagOf, type Kind, type Surroundings, switchOf, wordsOf } from "../deed.ts";
import { expandText } from "../expand.ts";
import { heredocIn, type Line, mistakeIn } from "../lines.ts";
import { parseMode } from "../modes.ts";
import { type CopySource, contextSource, inlineSource, stageSource, urlSource } from "../sources.ts";
import { isUrl } from "../url.ts";
import { jsonList, type Word } from "../words.ts";

interface Copy {
  keyword: string;
  sources: Word[];
  destination: Word;
  from: Word | undefined;
  chown: Word | undefined;
  chmod: Word | undefined;
  checksum: Word | undefined;
  excludes: Word[];
  isLink: boolean;
  keepsParents: boolean;
}

export const copy: Kind<Copy> = {
  flags: ["from", "chown", "chmod", "link", "exclude", "parents"],
  parse: parseCopy,
  needs: ({ from }) => (from ? [from] : []),
  plan: planCopy,
};

export const add: Kind<Copy> = {
  flags: ["chown", "chmod", "link", "exclude", "checksum", "keep-git-dir"],
  parse: parseCopy,
  plan: planCopy,
};

function parseCopy(written: Arguments): Copy {
  const { line, keyword, flags } = written;
  const words = jsonList(written.rest.text)?.map((text) => ({ text, at: written.rest.at })) ?? wordsOf(written);
  if (words.length < 2) throw mistakeIn(line, `${keyword} requires at least two arguments`);
  const destination = words.pop()!;
  const excludes = flags.filter(({ name }) => name === "exclude");
  return {
    keyword,
    sources: words,
    destination,
    from: flagOf(written, "from"),
    chown: flagOf(written, "chown"),
    chmod: flagOf(written, "chmod"),
    checksum: flagOf(written, "checksum"),
    excludes: excludes.map(({ value = "", word }) => ({ text: value, at: word.at + word.text.length - value.length })),
    isLink: switchOf(written, "link"),
    keepsParents: switchOf(written, "parents"),
  };
}

async function planCopy(wish: Copy, around: Surroundings, line: Line) {
  const value = (word: Word) => expanded(word, around, line);
  const destination = destinationOf(value(wish.destination), around);
  const given = await Promise.all(wish.sources.map((word) => sourceFor(wish, word, around, line)));
  if (given.length > 1 && !destination.endsWith("/")) {
    const problem = `When using ${wish.keyword} with more than one source file, the destination must be a directory and end with a /`;
    throw mistakeIn(line, problem, wish.destination);
  }
  const owner = wish.chown && value(wish.chown);
  if (owner !== undefined) warnOfOwner(wish, owner, around, line);
  const mode = wish.chmod && modeOf(wish.chmod, value(wish.chmod), line);
  return {
    history: `${wish.keyword} ${given.map(({ shown }) => shown).join(" ")} ${destination}`,
    files: copyWork({
      keyword: wish.keyword,
      sources: given,
      destination,
      owner,
      mode: mode && { text: value(wish.chmod!), change: mode },
      excludes: wish.excludes.map(value),
      isLink: wish.isLink,
      keepsParents: wish.keepsParents,
      epoch: around.epoch,
    }),
  };
}

/** An ordinary user's container has one user, who is root in it: nobody else can be given a file. */
function warnOfOwner({ keyword }: Copy, owner: string, { warn }: Surroundings, { source, first }: Line): void {
  if (process.getuid?.() === 0 || owner.split(":").every((name) => name === "0" || name === "root")) return;
  warn(
    `${source.name}:${first}: ${keyword} --chown=${owner}: its files are root's, since only root's builds have other users`,
  );
}

function modeOf(word: Word, text: string, line: Line) {
  const mode = parseMode(text);
  if (mode) return mode;
  throw mistakeIn(line, `invalid chmod parameter: '${text}'. it should be octal, or like u=rwX,go=rX`, word);
}

/** Absolute; a slash at the end says that it is a directory. */
function destinationOf(text: string, { process }: Surroundings): string {
  const path = posix.resolve("/", process.WorkingDir || "/", text);
  const isDirectory = /(^|\/)\.{0,2}$/.test(text);
  return isDirectory && path !== "/" ? `${path}/` : path;
}

async function sourceFor(wish: Copy, word: Word, around: Surroundings, line: Line): Promise<CopySource> {
  const heredoc = heredocIn(word);
  const found = heredoc && line.heredocs.find(({ name }) => name === heredoc.name);
  if (found) {
    const text = found.expands ? expandHeredoc(found.content, around, line) : found.content;
    return inlineSource(found.name, text);
  }
  const text = expanded(word, around, line);
  if (wish.keyword === "ADD" && isGit(text)) throw mistakeIn(line, "ADD of a git repository is not supported", word);
  if (wish.keyword === "ADD" && isUrl(text))
    return urlSource(text, wish.checksum && expanded(wish.checksum, around, line), around);
  if (isUrl(text)) throw mistakeIn(line, "source can't be a URL for COPY", word, "ADD fetches URLs");
  if (wish.checksum) throw mistakeIn(line, "checksum can't be specified for non-HTTP(S) sources", wish.checksum);
  if (wish.from) return stageSource(text, expanded(wish.from, around, line), around);
  return contextSource(text, around, wish.keyword === "ADD");
}

function isGit(source: string): boolean {
  return /^(git@|git:\/\/|ssh:\/\/)|^https?:\/\/.*\.git(#.*)?$/.test(source);
}

function expandHeredoc(content: string, { variables }: Surroundings, line: Line): string {
  try {
    return expandText(content, variables.lookup, line.escapeSign);
  } catch (error) {
    throw mistakeIn(line, (error as Error).message);
  }
}
