import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import type { FleetLogin } from '@lp/fleet';
import { LoginBook } from '../../src/fleet/login-book.ts';

const MINUTE_MS = 60_000;
const login = (username: string, password = 'one'): FleetLogin => ({ credentials: { username, password } });

async function createBook(first: FleetLogin[]) {
  const clock = createManualClock();
  const failures: string[] = [];
  const renewed: string[] = [];
  const seen = { reads: 0, changes: 0 };
  const source = { list: first, error: undefined as Error | undefined, hangs: false };
  const book = new LoginBook({
    clock,
    read: async () => {
      seen.reads++;
      if (source.error) throw source.error;
      if (source.hangs) await new Promise(() => undefined);
      return new Map(source.list.map((entry) => [(entry.credentials as { username: string }).username, entry]));
    },
    onFailure: (error) => failures.push(error.message),
    onNewCredentials: (name) => renewed.push(name),
    onChange: () => void seen.changes++,
  });
  await book.open();
  return { book, clock, failures, renewed, seen, source };
}

describe('the book of logins', () => {
  it('is read again every minute', async () => {
    const { book, clock, seen, source } = await createBook([login('a')]);
    source.list = [login('a'), login('b')];
    await clock.advance(MINUTE_MS);
    expect([book.names, seen]).toEqual([['a', 'b'], { reads: 2, changes: 1 }]);
    source.list = [login('b')];
    await clock.advance(MINUTE_MS);
    expect([book.names, book.get('a')]).toEqual([['b'], undefined]);
  });

  it('is told from others by which logins it has, in whatever order and with whatever passwords', async () => {
    const listOf = async (...logins: FleetLogin[]) => (await createBook(logins)).book.list;
    const known = await listOf(login('a'), login('b'));
    expect(await listOf(login('b'), login('a', 'two'))).toBe(known);
    expect(await listOf(login('a'))).not.toBe(known);
    const { book, clock, source } = await createBook([login('a')]);
    source.list = [login('a'), login('b')];
    await clock.advance(MINUTE_MS);
    expect(book.list).toBe(known);
  });

  it('stays as it was when it cannot be read, and is read again', async () => {
    const { book, clock, failures, source } = await createBook([login('a')]);
    source.error = new Error('the vault is shut');
    await clock.advance(2 * MINUTE_MS);
    expect([book.names, failures]).toEqual([['a'], ['the vault is shut', 'the vault is shut']]);
    source.error = undefined;
    source.list = [login('b')];
    await clock.advance(MINUTE_MS);
    expect(book.names).toEqual(['b']);
  });

  it.each([
    ['gives nothing at all', 'createFleet.logins gives no login at all', { list: [] }],
    ['never answers', 'createFleet.logins has given nothing for a minute', { hangs: true }],
  ])('stays as it was when its source %s, and is read again', async (_what, message, fault) => {
    const { book, clock, failures, source } = await createBook([login('a')]);
    Object.assign(source, fault);
    await clock.advance(2 * MINUTE_MS);
    expect([book.names, failures[0]]).toEqual([['a'], message]);
    Object.assign(source, { list: [login('b')], hangs: false });
    await clock.advance(2 * MINUTE_MS);
    expect(book.names).toEqual(['b']);
  });

  it('tells whose credentials have changed, so that a login that was set aside is tried again', async () => {
    const { clock, renewed, source } = await createBook([login('a'), login('b')]);
    source.list = [login('a', 'two'), login('b'), login('c')];
    await clock.advance(MINUTE_MS);
    expect(renewed).toEqual(['a']);
    await clock.advance(MINUTE_MS);
    expect(renewed).toEqual(['a']);
  });

  it('takes the same credentials for the same, in whatever order their fields are', async () => {
    const { clock, renewed, source } = await createBook([{ credentials: { username: 'a', password: 'one' } }]);
    source.list = [{ credentials: { password: 'one', username: 'a', token: undefined } as never }];
    await clock.advance(MINUTE_MS);
    expect(renewed).toEqual([]);
  });

  it('is read no more once closed', async () => {
    const { book, clock, seen } = await createBook([login('a')]);
    book.close();
    await clock.advance(10 * MINUTE_MS);
    expect([seen.reads, clock.pendingTimers]).toEqual([1, 0]);
  });

  it('is read no more either when it was closed while it was read', async () => {
    const { book, clock, seen } = await createBook([login('a')]);
    const reading = clock.advance(MINUTE_MS);
    await Promise.resolve();
    book.close();
    await reading;
    expect([seen.changes, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('cannot be opened when it is empty', async () => {
    await expect(createBook([])).rejects.toThrow('gives no login at all');
  });
});
