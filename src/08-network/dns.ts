// What a name server reads and writes: RFC 1035, section 4. A message is a header of twelve bytes, the question, and in an
// answer the records that answer it.
//
//   ┌ id │ flags │ questions │ answers │ … ┬ name, type, class ┬ name, type, class, seconds, length, data ┬ …
//   └ 12 bytes                             ┴ the question      ┴ a record                                 ┴
//
// A name is a list of labels, each with its length before it, and ends with an empty one. Whatever comes from inside a
// container may be anything, so nothing is believed that isn't checked.

/** Types of records: addresses of both families, and names for them. */
export const TYPE = { A: 1, PTR: 12, AAAA: 28, OPT: 41 } as const;

/** What is said where there is no answer. */
export const RCODE = { FINE: 0, MALFORMED: 1, FAILED: 2, NO_SUCH_NAME: 3, NOT_DONE: 4 } as const;

const HEADER_BYTES = 12;
const FLAG = { ANSWER: 0x8000, TRUNCATED: 0x0200, RECURSION_DESIRED: 0x0100, RECURSION_AVAILABLE: 0x0080 } as const;
const OPCODE_BITS = 0x7800;
const POINTER_BITS = 0xc0;
const CLASS_IN = 1;
/** A datagram no larger than this is understood by everybody. */
const SMALLEST_ROOM = 512;
const LONGEST_NAME = 255;

export interface Question {
  /** In small letters, without a dot at its end. */
  name: string;
  type: number;
  /** Where it ends in the message. */
  end: number;
  /** How long a datagram with the answer may be. */
  room: number;
}

/** What is asked; an RCODE where it can't be understood; undefined where nobody has asked anything. */
export function readQuestion(message: Buffer): Question | number | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const flags = message.readUInt16BE(2);
  if (flags & FLAG.ANSWER) return undefined;
  if (flags & OPCODE_BITS) return RCODE.NOT_DONE;
  if (message.readUInt16BE(4) !== 1) return RCODE.MALFORMED;
  const found = readName(message, HEADER_BYTES);
  if (!found || found.end + 4 > message.length) return RCODE.MALFORMED;
  const end = found.end + 4;
  return { name: found.name, type: message.readUInt16BE(found.end), end, room: roomOf(message, end) };
}

function readName(message: Buffer, from: number): { name: string; end: number } | undefined {
  const labels: string[] = [];
  for (let at = from; at < message.length; ) {
    const length = message[at]!;
    // A name that is the rest of an earlier one has no place in a question: there is none before it.
    if (length & POINTER_BITS || at - from > LONGEST_NAME) return undefined;
    if (length === 0) return { name: labels.join("."), end: at + 1 };
    labels.push(
      message
        .toString("latin1", at + 1, at + 1 + length)
        .replaceAll(".", "\\.")
        .toLowerCase(),
    );
    at += 1 + length;
  }
  return undefined;
}

/** RFC 6891: who can take more says so in a record without a name behind the question, in place of its class. */
function roomOf(message: Buffer, end: number): number {
  const hasRecord = message.readUInt16BE(10) > 0 && message.readUInt16BE(6) === 0 && message.readUInt16BE(8) === 0;
  if (!hasRecord || message.length < end + 11 || message[end] !== 0) return SMALLEST_ROOM;
  const isSize = message.readUInt16BE(end + 1) === TYPE.OPT;
  return isSize ? Math.max(SMALLEST_ROOM, message.readUInt16BE(end + 3)) : SMALLEST_ROOM;
}

/** The answer: each of `data` is a record of the type that was asked for, good for so many seconds. */
export function writeAnswer(message: Buffer, question: Question, data: readonly Buffer[], seconds: number): Buffer {
  const records = data.map((each) => {
    const record = Buffer.alloc(12);
    // The name is the one at byte 12.
    record.writeUInt16BE((POINTER_BITS << 8) | HEADER_BYTES, 0);
    record.writeUInt16BE(question.type, 2);
    record.writeUInt16BE(CLASS_IN, 4);
    record.writeUInt32BE(seconds, 6);
    record.writeUInt16BE(each.length, 10);
    return Buffer.concat([record, each]);
  });
  const head = answerHead(message.subarray(0, question.end), RCODE.FINE);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, ...records]);
}

/** No answer, and why. */
export function writeRefusal(message: Buffer, rcode: number): Buffer {
  const question = readQuestion(message);
  const end = typeof question === "object" ? question.end : HEADER_BYTES;
  return answerHead(message.subarray(0, end), rcode);
}

/** Header and question of a message, as those of its answer. */
function answerHead(asked: Buffer, rcode: number): Buffer {
  const head = Buffer.from(asked);
  const kept = head.readUInt16BE(2) & (OPCODE_BITS | FLAG.RECURSION_DESIRED);
  head.writeUInt16BE(FLAG.ANSWER | FLAG.RECURSION_AVAILABLE | kept | rcode, 2);
  head.writeUInt16BE(head.length > HEADER_BYTES ? 1 : 0, 4);
  head.fill(0, 6, HEADER_BYTES);
  return head;
}

/** What is too long for a datagram is left out, and the mark says so: who wants it asks again by TCP. */
export function fitInto(room: number, answer: Buffer, question: Question): Buffer {
  if (answer.length <= room) return answer;
  const head = Buffer.from(answer.subarray(0, question.end));
  head.writeUInt16BE(head.readUInt16BE(2) | FLAG.TRUNCATED, 2);
  head.fill(0, 6, HEADER_BYTES);
  return head;
}

/** It answers this very message: the same number, the same question. */
export function isAnswerTo(message: Buffer, answer: Buffer): boolean {
  const question = readQuestion(message);
  if (typeof question !== "object" || answer.length < question.end) return false;
  const isAnswer = (answer.readUInt16BE(2) & FLAG.ANSWER) !== 0 && answer.readUInt16BE(0) === message.readUInt16BE(0);
  return isAnswer && answer.subarray(HEADER_BYTES, question.end).equals(message.subarray(HEADER_BYTES, question.end));
}

/** A name as the data of a record. */
export function nameData(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.from(label, "latin1"));
  return Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), label]), Buffer.of(0)]);
}
