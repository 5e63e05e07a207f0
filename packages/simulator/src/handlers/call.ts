import type { AgentRecord } from '../platform/agents.ts';
import type { ConsumerRecord } from '../platform/consumers.ts';
import { type Client, Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import type { Dialect } from '../wire.ts';

/** Who calls: an agent on the brand's socket or a consumer on the consumers'. */
export type Caller =
  | { readonly kind: 'agent'; readonly agent: AgentRecord }
  | { readonly kind: 'consumer'; readonly consumer: ConsumerRecord };

/** A request that has been read from a socket. */
export interface Call {
  readonly platform: Platform;
  readonly client: Client;
  readonly caller: Caller;
  readonly dialect: Dialect;
  /** As sent: an object, a bare string, or missing. */
  readonly body: unknown;
  /** The body's fields; none when it is no object. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly metadata: unknown[] | undefined;
  readonly encodedMetadata: unknown;
}

/** What a request gets: code 200 unless it says otherwise. */
export interface HandlerResponse {
  readonly code?: number;
  readonly body?: unknown;
}

export type Handler = (call: Call) => HandlerResponse;

/** The id of a caller on the agents' wire. */
export const partyOf = (caller: Caller): string => (caller.kind === 'agent' ? caller.agent.id : caller.consumer.id);
export const callerId = ({ caller }: Call): string => partyOf(caller);

/** @throws Refusal when a consumer asks for what only agents may. */
export function agentOf({ caller }: Call): AgentRecord {
  if (caller.kind !== 'agent') throw new Refusal(401, 'Only agents may send this request');
  return caller.agent;
}

/** @throws Refusal when an agent asks for what only consumers may. */
export function consumerOf({ caller }: Call): ConsumerRecord {
  if (caller.kind !== 'consumer') throw new Refusal(401, 'Only consumers may send this request');
  return caller.consumer;
}

type Fields = Readonly<Record<string, unknown>>;

/** A text that must be there. @throws Refusal otherwise. */
export function textField(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw new Refusal(400, `Bad request: ${name} is missing`);
  return value;
}

/** A text that may be missing. @throws Refusal when it is something else. */
export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Refusal(400, `Bad request: ${name} must be a string`);
  return value;
}

/** An id that may be missing; digits also come as a number, as the history shows them. @throws Refusal when it is something else. */
export function optionalId(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return Number.isSafeInteger(value) ? String(value) : optionalText(fields, name);
}

/** A number that may be missing. @throws Refusal when it is something else. */
export function optionalNumber(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new Refusal(400, `Bad request: ${name} must be a number`);
  return value;
}

/** A list of texts that may be missing; a bare text is a list of one. @throws Refusal when it is something else. */
export function optionalTexts(fields: Fields, name: string): string[] | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'string')) throw new Refusal(400, `Bad request: ${name} must hold strings`);
  return list;
}

/** An object that may be missing. @throws Refusal when it is something else. */
export function optionalObject(fields: Fields, name: string): Record<string, unknown> | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new Refusal(400, `Bad request: ${name} must be an object`);
  return value;
}

/** An object that must be there. @throws Refusal otherwise. */
export function objectField(fields: Fields, name: string): Record<string, unknown> {
  const value = optionalObject(fields, name);
  if (!value) throw new Refusal(400, `Bad request: ${name} is missing`);
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A bare object is taken for a list of one. @throws Refusal for entries without a type. */
export function readMetadata(metadata: unknown): unknown[] | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  const list: unknown[] = Array.isArray(metadata) ? metadata : [metadata];
  if (list.length > 32 || !list.every((entry) => isObject(entry) && typeof entry['type'] === 'string')) {
    throw new Refusal(400, 'Bad request: metadata must be at most 32 objects with a type');
  }
  return list.length === 0 ? undefined : list;
}
