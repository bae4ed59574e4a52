import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAnswerTo, nameData, RCODE, readQuestion, TYPE } from "../../src/08-network/dns.ts";
import { answerTo, type Knowledge } from "../../src/08-network/name-server.ts";

/** A question as a resolver sends it. `more` is what stands behind it. */
function ask(name: string, type: number, more = Buffer.alloc(0)): Buffer {
  const header = Buffer.from([0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, more.length > 0 ? 1 : 0]);
  return Buffer.concat([header, nameData(name), Buffer.from([0, type, 0, 1]), more]);
}

const MANY = Array.from({ length: 60 }, (_, index) => Buffer.of(10, 9, 0, index));
const known: Knowledge = {
  lookUp: (name, type) => {
    if (name === "many") return MANY;
    return name === "web" ? (type === TYPE.A ? [Buffer.of(10, 9, 0, 2)] : []) : undefined;
  },
  servers: [],
};

const rcode = (answer: Buffer | undefined) => answer!.readUInt16BE(2) & 15;
const count = (answer: Buffer | undefined) => answer!.readUInt16BE(6);
const isCut = (answer: Buffer | undefined) => (answer!.readUInt16BE(2) & 0x0200) !== 0;

describe("a name server", () => {
  test("answers with the same number, the same question, and an address", async () => {
    const message = ask("WeB", TYPE.A);
    const answer = await answerTo(message, known, "udp");
    expect(isAnswerTo(message, answer!)).toBe(true);
    expect([rcode(answer), count(answer)]).toEqual([RCODE.FINE, 1]);
    expect([...answer!.subarray(-4)]).toEqual([10, 9, 0, 2]);
  });

  test("says that a name it knows has nothing of another type, so that nobody asks elsewhere", async () => {
    const answer = await answerTo(ask("web", TYPE.AAAA), known, "udp");
    expect([rcode(answer), count(answer)]).toEqual([RCODE.FINE, 0]);
  });

  test("says that there is no such name, where nobody else is to be asked", async () => {
    expect(rcode(await answerTo(ask("nobody", TYPE.A), known, "udp"))).toBe(RCODE.NO_SUCH_NAME);
  });

  test("cuts what is too long for a datagram, and says so; by TCP it says all", async () => {
    const short = await answerTo(ask("many", TYPE.A), known, "udp");
    expect([short!.length <= 512, isCut(short), count(short)]).toEqual([true, true, 0]);
    const long = await answerTo(ask("many", TYPE.A), known, "tcp");
    expect([isCut(long), count(long)]).toEqual([false, 60]);
    // RFC 6891: room for 1232 bytes.
    const roomy = ask("many", TYPE.A, Buffer.from([0, 0, TYPE.OPT, 1232 >> 8, 1232 & 255, 0, 0, 0, 0, 0, 0]));
    expect([isCut(await answerTo(roomy, known, "udp"))]).toEqual([false]);
  });

  test.each<[string, Buffer, number | undefined]>([
    ["no header", Buffer.alloc(11), undefined],
    ["an answer", Buffer.concat([Buffer.from([0, 1, 0x80, 0]), Buffer.alloc(20)]), undefined],
    ["no question", Buffer.from([0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]), RCODE.MALFORMED],
    ["another operation", Buffer.from([0, 1, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0]), RCODE.NOT_DONE],
    ["a name that ends nowhere", ask("web", 1).subarray(0, 15), RCODE.MALFORMED],
    [
      "a name that points at itself",
      Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]),
      RCODE.MALFORMED,
    ],
    ["a name that is too long", ask(Array(70).fill("abc").join("."), 1), RCODE.MALFORMED],
  ])("%s", async (_, message, expected) => {
    const answer = await answerTo(message, known, "udp");
    expect(answer === undefined ? undefined : rcode(answer)).toBe(expected);
  });

  test("answers or keeps silent, whatever it is sent, and never more than it has been asked", async () => {
    const damaged = fc
      .tuple(fc.constantFrom("web", "many", "x.y"), fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 4 }))
      .map(([name, changes]) => {
        const message = ask(name, TYPE.A);
        for (const [at, byte] of changes) if (at < message.length) message[at] = byte;
        return message;
      });
    const anything = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, anything), async (message) => {
        const answer = await answerTo(message, known, "udp");
        if (answer === undefined) return;
        expect(answer.readUInt16BE(0)).toBe(message.readUInt16BE(0));
        expect(answer[2]! & 0x80).toBe(0x80);
        const question = readQuestion(message);
        expect(answer.length).toBeLessThanOrEqual(typeof question === "object" ? question.room : 12);
      }),
      { numRuns: 2000 },
    );
  });
});
