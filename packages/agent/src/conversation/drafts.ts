import { ConfigError } from '@lp/core';
import type { DialogRecord } from '../cursors/dialog-store.ts';
import type { DataDefinition } from './data.ts';
import type { ValidationIssue } from './validation.ts';

type Kept = DialogRecord['data'];

interface Draft {
  readonly definition: DataDefinition<unknown>;
  readonly value: Promise<unknown>;
  /** What is kept of it, as text. */
  before: string | undefined;
}

/** What one body has in hand of a dialog's data: kept when its message is handled, dropped when it fails. */
export class Drafts {
  readonly #drafts = new Map<string, Draft>();

  get size(): number {
    return this.#drafts.size;
  }

  /** The draft of a definition, always the same object. @throws ConfigError when what is kept does not fit. */
  get<T>(definition: DataDefinition<T>, kept: Kept, dialogId: string): Promise<T> {
    const { name } = definition;
    const open = this.#drafts.get(name);
    if (open && open.definition !== definition) {
      return Promise.reject(new ConfigError(`data: two definitions have the name ${name}: give them one each`));
    }
    if (open) return open.value as Promise<T>;
    const draft: Draft = { definition, value: this.#read(definition, kept, dialogId), before: undefined };
    this.#drafts.set(name, draft);
    // What could not be read has no draft: it is left as it is.
    draft.value.catch(() => this.#drafts.delete(name));
    return draft.value as Promise<T>;
  }

  /** All data with what was changed, and their size; undefined when nothing was. @throws ConfigError for what cannot be kept. */
  async collect(
    kept: Kept,
    { dialogId, maxBytes }: { dialogId: string; maxBytes: number },
  ): Promise<{ data: Kept; bytes: number } | undefined> {
    const changed: Record<string, Kept[string]> = {};
    for (const [name, { definition, value: promise, before }] of this.#drafts) {
      const value = await promise;
      const entry = { version: definition.version, value: plain(value, name, dialogId) };
      if (JSON.stringify(entry) === before) continue;
      const wrong = await issueOf(definition, entry.value);
      if (wrong) throw misfit(definition, dialogId, `what the handler has made of it does not fit ${wrong.place}`);
      changed[name] = entry;
    }
    if (Object.keys(changed).length === 0) return undefined;
    const data = { ...kept, ...changed };
    const bytes = new TextEncoder().encode(JSON.stringify(data)).byteLength;
    if (bytes <= maxBytes) return { data, bytes };
    throw new ConfigError(
      `data: dialog ${dialogId} would take ${bytes} bytes; ${maxBytes} are kept: keep a key here and the rest in a database of yours, or raise maxDataBytes`,
      { context: { dialogId, bytes, maxBytes } },
    );
  }

  async #read<T>(definition: DataDefinition<T>, kept: Kept, dialogId: string): Promise<T> {
    const { initial, migrate, name, version } = definition;
    // Called when the draft is noted.
    await Promise.resolve();
    const draft = this.#drafts.get(name);
    const stored = Object.hasOwn(kept, name) ? kept[name] : undefined;
    if (!stored) {
      // A copy: an object that all dialogs began with would carry what one consumer has said to the next.
      const value = plain(initial(), name, dialogId) as T;
      if (draft) draft.before = JSON.stringify({ version, value });
      return value;
    }
    if (draft) draft.before = JSON.stringify({ version: stored.version, value: stored.value });
    const found = stored.version === version ? await parse(definition, structuredClone(stored.value)) : undefined;
    if (found && 'value' in found) return found.value;
    if (!migrate) {
      const place = found ? ` ${found.place}` : '';
      throw misfit(definition, dialogId, `what version ${stored.version} has kept does not fit${place}`);
    }
    const migrated = await parse(definition, await migrate(structuredClone(stored.value), stored.version));
    if ('value' in migrated) return migrated.value;
    throw misfit(
      definition,
      dialogId,
      `what migrate has made of version ${stored.version} does not fit ${migrated.place}`,
    );
  }
}

async function parse<T>({ schema }: DataDefinition<T>, value: unknown): Promise<{ value: T } | { place: string }> {
  const result = await schema['~standard'].validate(value);
  return result.issues === undefined ? { value: result.value } : { place: placeOf(result.issues[0]) };
}

async function issueOf(definition: DataDefinition<unknown>, value: unknown): Promise<{ place: string } | undefined> {
  const parsed = await parse(definition, structuredClone(value));
  return 'place' in parsed ? parsed : undefined;
}

function placeOf(issue: ValidationIssue | undefined): string {
  const keys = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)) ?? [];
  return keys.length === 0 ? 'at its root' : `at ${keys.join('.')}`;
}

function misfit({ name, version }: DataDefinition<unknown>, dialogId: string, what: string): ConfigError {
  return new ConfigError(
    `data: ${what}, in ${name} (version ${version}) of dialog ${dialogId}: give defineData a migrate, or another name to begin anew`,
    { context: { dialogId, name, version } },
  );
}

/** The value as JSON has it. @throws ConfigError for what JSON would change or leave out. */
function plain(value: unknown, name: string, dialogId: string): unknown {
  try {
    const text = JSON.stringify(value);
    if (isJson(value)) return JSON.parse(text);
  } catch {
    // A circle, or a number that JSON does not have.
  }
  throw new ConfigError(
    `data: ${name} of dialog ${dialogId} is not JSON: keep texts, numbers, lists and plain objects`,
  );
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A field that is left out may be there as undefined.
  const isPlain = prototype === Object.prototype || prototype === null;
  return isPlain && Object.values(value).every((inner) => inner === undefined || isJson(inner));
}
