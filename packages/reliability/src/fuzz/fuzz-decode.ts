import { inspect } from 'node:util';
import { BaseUrisSchema, LoginResponseSchema } from '@lp/auth';
import {
  AgentStatusSchema,
  AgentSurveyStateSchema,
  type DecodedFrame,
  decodeFrame,
  decodeNotification,
  HistoryPageSchema,
  parseJson,
  parseLenient,
} from '@lp/schemas';
import { Identities } from '../../../agent/src/inbound/mapping/index.ts';
import { domainFormOf } from '../../../agent/test/support/domain-form.ts';
import { decodeEnvelope } from '../../../transport/src/codec.ts';
import { MARK } from '../lib/canary.ts';
import { createRandom } from '../lib/random.ts';
import { memoryInUse } from '../lib/resources.ts';
import type { Corpus } from './corpus.ts';
import { mutateText, randomText } from './mutate.ts';

const SUSPICIOUS_MS = 20;
const LONGEST_MS = 200;

/** What a run over the decoders found. */
export interface DecodeResult {
  readonly inputs: number;
  /** How many were read as what. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly memoryBefore: number;
  readonly memoryAfter: number;
  /** What did not hold, with the input's number; empty when all did. */
  readonly failures: readonly string[];
}

const identities = new Identities('le1', { userId: '1', agentId: 'pid' });
const httpSchemas = [LoginResponseSchema, BaseUrisSchema, HistoryPageSchema, AgentStatusSchema, AgentSurveyStateSchema];

/** Reads `count` wrong inputs in every way that the packages read what arrives. */
export async function fuzzDecode(
  corpus: Corpus,
  { count, seed }: { count: number; seed: number },
): Promise<DecodeResult> {
  const random = createRandom(seed);
  const http = [...corpus.http.values()].filter((body) => body.startsWith('{') || body.startsWith('['));
  const kinds: Record<string, number> = {};
  const failures: string[] = [];
  let slowestMs = 0;
  // What is made once, at the first use of a schema, is no growth.
  for (const text of corpus.frames) readAll(text, kinds, 0);
  const memoryBefore = await memoryInUse();
  for (let n = 0; n < count; n++) {
    const text = nextInput(n);
    const startedAt = performance.now();
    try {
      const problem = readAll(text, kinds, n);
      if (problem !== undefined) failures.push(`input ${n}: ${problem}`);
    } catch (error) {
      failures.push(`input ${n}: threw ${inspect(error).slice(0, 300)}`);
    }
    let elapsed = performance.now() - startedAt;
    // Whether it is the input or the machine shows when it is read again.
    for (let again = 0; again < 5 && elapsed > SUSPICIOUS_MS; again++) elapsed = Math.min(elapsed, timeOf(text));
    if (elapsed > slowestMs) slowestMs = elapsed;
    if ('polluted' in {} || 'polluted' in []) {
      failures.push(`input ${n}: the prototype of all objects was changed`);
      break;
    }
    if (failures.length > 20) break;
  }
  if (slowestMs > LONGEST_MS) failures.push(`one input took ${Math.round(slowestMs)} ms`);
  return { inputs: count, kinds, slowestMs, memoryBefore, memoryAfter: await memoryInUse(), failures };

  function nextInput(n: number): string {
    if (n % 20 === 0) return randomText(random);
    return mutateText(random.pick(n % 20 === 1 ? http : corpus.frames), random);
  }
}

function timeOf(text: string): number {
  const startedAt = performance.now();
  readAll(text, {}, 0);
  readAll(text, {}, 1);
  return performance.now() - startedAt;
}

/** Reads a text in every way there is; gives what does not hold of the result. */
function readAll(text: string, kinds: Record<string, number>, n: number): string | undefined {
  // Half of them go the way of `@lp/schemas`, half the way of the socket.
  const decoded = n % 2 === 0 ? decodeFrame(text) : decodeAsSocket(text);
  const kind = decoded === undefined ? 'refused by the socket' : nameOf(decoded);
  kinds[kind] = (kinds[kind] ?? 0) + 1;
  if (n % 20 === 1) readAsHttp(text);
  if (decoded === undefined) return undefined;
  const told = decoded.kind === 'invalid' ? decoded.issues : decoded.invalid;
  if (told.length > 0 && JSON.stringify(told).includes(MARK)) return 'what is told of it quotes a text';
  const seen = domainFormOf(decoded, identities);
  return isPlain(seen) ? undefined : 'what users see has a prototype of its own';
}

function decodeAsSocket(text: string): DecodedFrame | undefined {
  const frame = decodeEnvelope(text);
  if (typeof frame === 'string') return undefined;
  return frame.kind === 'notification'
    ? decodeNotification(frame as { type: string; body?: unknown })
    : decodeFrame(frame);
}

function readAsHttp(text: string): void {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    // The one thing it may throw.
    if ((error as Error).name === 'SyntaxError') return;
    throw error;
  }
  for (const schema of httpSchemas) {
    schema.safeParse(value);
    parseLenient(schema, value);
  }
}

function nameOf(decoded: DecodedFrame): string {
  if (decoded.kind === 'invalid') return `invalid (${decoded.reason})`;
  if (!decoded.known) return `unknown ${decoded.kind}`;
  return decoded.invalid.length > 0 ? `${decoded.kind} with items left out` : decoded.kind;
}

function isPlain(items: readonly object[]): boolean {
  return items.every((item) => {
    const { result = item } = item as { result?: object };
    return [item, result].every((value) => Object.getPrototypeOf(value) === Object.prototype);
  });
}
