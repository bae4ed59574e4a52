// How a container is called: 64 random hexadecimal digits that nobody else will ever have, and for people a name like
// `curious_hopper`, after somebody who made computing what it is.

import { randomBytes, UserError } from "../01-syscalls/index.ts";

const ADJECTIVES = words(`
  amiable brave bright calm cheerful clever curious daring diligent dreamy eager earnest elegant fearless festive
  frosty gallant gentle gifted graceful happy hopeful humble jolly keen kind lively lucid merry modest nimble patient
  playful plucky polite quiet quirky radiant relaxed serene sharp sincere sleepy spirited steady stoic sunny thoughtful
  tireless upbeat vivid wandering warm whimsical wise witty wonderful zealous zen zesty`);

const PIONEERS = words(`
  aiken allen antonelli atanasoff babbage backus baran bartik boole brooks bush catmull cerf church clarke codd conway
  corbato dahl davies diffie dijkstra driscoll easley eckert engelbart estrin feinler floyd flowers gabriel godel
  goldberg goldwasser gosling gray hamilton hamming hellman hinton hoare holberton hopper iverson jackson joy kahn kare
  karp kay kernighan kilburn knuth lamport lampson licklider liskov lovelace mauchly mccarthy mcilroy meltzer merkle
  metcalfe micali milner minsky naur neumann newell nygaard ossanna parnas pearl perlman postel rabin ritchie rivest
  rosenblatt sammet samuel shamir shannon shaw simon spence stroustrup sutherland tanenbaum tarjan teitelbaum tesler
  thompson torvalds turing tutte ullman vaughan wilkes wirth yao zuse`);

/** Docker shows this much of an id, and makes it the hostname. */
const SHORT_ID_LENGTH = 12;

/** 64 hexadecimal digits. */
export function randomId(): string {
  return randomBytes(32).toString("hex");
}

/** The twelve digits people read. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID_LENGTH);
}

/** `adjective_surname`; from the second attempt on with a digit behind, as the first may have been taken. */
export function randomName(attempt = 0): string {
  const name = `${pick(ADJECTIVES)}_${pick(PIONEERS)}`;
  return attempt === 0 ? name : `${name}${randomBytes(1)[0]! % 10}`;
}

/** @throws UserError in Docker's words, if `name` could not be told from a flag or a path */
export function checkName(name: string): void {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return;
  throw new UserError(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function pick(list: string[]): string {
  return list[randomBytes(4).readUInt32LE() % list.length]!;
}
