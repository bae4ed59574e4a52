// A registry that refuses says why in JSON: `{"errors":[{"code":"DENIED","message":"…"}]}`. See the OCI distribution
// specification, "Error Codes".

import { STATUS_CODES } from "node:http";
import { UserError } from "../01-syscalls/index.ts";
import type { Answer } from "./exchange.ts";

/** An answer that is no success. */
export class Refusal extends UserError {
  override name = "Refusal";
  readonly status: number;
  /** `MANIFEST_UNKNOWN`, `DENIED`, …; none where the registry doesn't say. */
  readonly codes: string[];
  /** What it wants us to wait before we ask again. */
  readonly retryAfterMs: number | undefined;

  constructor({ status, headers }: Pick<Answer, "status" | "headers">, complaints: Complaint[]) {
    const told = complaints.map(({ code, message }) => `${code.toLowerCase().replaceAll("_", " ")}: ${message}`);
    super(told.join("; ") || `received unexpected HTTP status: ${status} ${STATUS_CODES[status] ?? ""}`.trim());
    this.status = status;
    this.codes = complaints.map(({ code }) => code);
    this.retryAfterMs = readRetryAfter(headers["retry-after"]);
  }

  get isTransient(): boolean {
    return this.status === 429 || this.status === 408 || (this.status >= 500 && this.status !== 501);
  }
}

interface Complaint {
  code: string;
  message: string;
}

/** More than any registry has to say. */
const LONGEST = 64 * 1024;

/** Reads what the registry complains about; the answer is used up then. */
export async function refusalOf(answer: Answer): Promise<Refusal> {
  return new Refusal(answer, complaintsIn(await beginning(answer)));
}

async function beginning(answer: Answer): Promise<string> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of answer.body) {
      pieces.push(piece);
      if (pieces.reduce((sum, { length }) => sum + length, 0) > LONGEST) break;
    }
  } catch {
    // Its status says enough.
  }
  await answer.discard();
  return Buffer.concat(pieces).toString();
}

function complaintsIn(text: string): Complaint[] {
  try {
    const { errors, details } = JSON.parse(text) as { errors?: unknown; details?: unknown };
    if (Array.isArray(errors)) return errors.map(complaint);
    // Token services say it like this.
    return typeof details === "string" ? [{ code: "unauthorized", message: details }] : [];
  } catch {
    return [];
  }
}

function complaint(value: unknown): Complaint {
  const { code, message } = (value ?? {}) as Partial<Record<keyof Complaint, unknown>>;
  return { code: printable(code) || "UNKNOWN", message: printable(message) || "it does not say why" };
}

/** It ends up on somebody's terminal. */
function printable(text: unknown): string {
  return typeof text === "string" ? text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, " ").slice(0, 500) : "";
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
function readRetryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
