import { describe, expect, it } from '@jest/globals';
import { ConfigError, ProtocolError } from '@lp/core';
import { InnerAbort } from '@lp/core/internal';
import type { InvalidItem } from '@lp/schemas';
import { bodyOf, createCall, createRawRequest, type RequestInterceptor } from '../../src/link/call.ts';

const identity = { accountId: 'a', userId: '1', oldId: 'a.1', agentId: 'pid-1' };

/** A connection that responds to every request with the same body, and remembers what it was sent. */
function connection(response: unknown, interceptors: RequestInterceptor[] = []) {
  const sent: { frame: Record<string, unknown>; options: Record<string, unknown> }[] = [];
  const dropped: InvalidItem[] = [];
  const request = (async (frame: never, options: { read: (frame: object) => unknown }) => {
    sent.push({ frame, options: { ...options } });
    return options.read({ kind: 'resp', reqId: '1', code: 200, type: 'T', body: response });
  }) as never;
  const raw = createRawRequest(request, interceptors);
  const send = (type: string, body: unknown) => raw(type, body, { read: bodyOf });
  return { call: createCall(raw, identity, (_, invalid) => dropped.push(...invalid)), dropped, send, sent };
}

const event = (message: string) => ({ type: 'ContentEvent', contentType: 'text/plain', message }) as const;

describe('a call', () => {
  it('sends the wire type, the completed body and what stands beside it', async () => {
    const { call, sent } = connection({ sequence: 1 });
    const metadata = [{ type: 'ExternalId', id: 'x' }];
    await call(
      'publishEvent',
      { dialogId: 'd', event: event('hi') },
      { metadata, headers: [], encodedMetadata: 'ZQ==' },
    );
    expect(sent[0]?.frame).toEqual({
      type: '.ams.ms.PublishEvent',
      body: { dialogId: 'd', event: event('hi') },
      metadata,
      headers: [],
      encodedMetadata: 'ZQ==',
    });
  });

  it('says which requests may be sent again, unless it is told', async () => {
    const { call, sent } = connection({ currentTime: 1, sequence: 1 });
    await call('getClock', undefined);
    await call('publishEvent', { dialogId: 'd', event: event('hi') });
    await call('publishEvent', { dialogId: 'd', event: event('hi') }, { idempotent: true });
    expect(sent.map(({ options }) => options['idempotent'])).toEqual([true, false, true]);
  });

  it('fills in who this agent is where the platform wants its old id', async () => {
    const { call, sent } = connection('Agent state updated successfully');
    await call('setAgentState', { availability: 'ONLINE' });
    expect(sent[0]?.frame['body']).toEqual({ availability: 'ONLINE', channels: ['MESSAGING'], agentUserId: 'a.1' });
  });

  it.each([
    [
      'a text that is too long',
      { dialogId: 'd', event: event('x'.repeat(8_001)) },
      /event\.message must be at most 8000/,
    ],
    ['a missing place', { event: event('hi') }, /dialogId must be string/],
    ['a misspelt field', { dialogId: 'd', evnt: 1, event: event('hi') }, /no key "evnt"/],
    ['nothing at all', undefined, /publishEvent cannot be sent/],
  ])('sends nothing of %s and names the place', async (_what, body, reason) => {
    const { call, sent } = connection({ sequence: 1 });
    await expect(call('publishEvent', body as never)).rejects.toThrow(ConfigError);
    await expect(call('publishEvent', body as never)).rejects.toThrow(reason);
    expect(sent).toEqual([]);
  });

  it('refuses metadata that cannot be right', async () => {
    const { call } = connection({ sequence: 1 });
    const sending = call('publishEvent', { dialogId: 'd', event: event('hi') }, { metadata: Array(33).fill({}) });
    await expect(sending).rejects.toThrow(/metadata .*at most 32 items/);
  });

  // verifies: readme:checked, error:protocol
  it('rejects a response that cannot be one, without its content', async () => {
    const { call } = connection({ currentTime: 'half past secret' });
    const failure = await call('getClock', undefined).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(ProtocolError);
    expect(JSON.stringify(failure)).toMatch(/currentTime must be number/);
    expect(JSON.stringify(failure)).not.toMatch(/secret/);
  });

  it('takes a response that is only spelt differently', async () => {
    const { call } = connection({ currentTime: '1700000000000' });
    expect(await call('getClock', undefined)).toEqual({ currentTime: 1_700_000_000_000 });
  });

  // verifies: status:invalid-body
  it('leaves one bad record of a list out, and tells of it', async () => {
    const good = { sequence: 1, dialogId: 'd', event: event('hi') };
    const { call, dropped } = connection([good, { sequence: 2, dialogId: 'd' }]);
    expect(await call('queryMessages', { dialogId: 'd' })).toEqual([good]);
    expect(dropped).toHaveLength(1);
    expect(JSON.stringify(dropped)).toContain('1.event');
  });
});

describe('interceptors', () => {
  it('may change a request, its response, and respond by themselves', async () => {
    const add: RequestInterceptor = async (call, next) => {
      const response = (await next({ ...call, body: { ...(call.body as object), added: 1 } })) as object;
      return { ...response, seen: true };
    };
    const cached: RequestInterceptor = async (call, next) => (call.type === 'cached' ? 'mine' : await next(call));
    const { send, sent } = connection({ ok: 1 }, [add, cached]);
    expect(await send('T', { a: 1 })).toEqual({ ok: 1, seen: true });
    expect(sent[0]?.frame).toEqual({ type: 'T', body: { a: 1, added: 1 } });
    expect(await send('cached', {})).toEqual({ 0: 'm', 1: 'i', 2: 'n', 3: 'e', seen: true });
    expect(sent).toHaveLength(1);
  });

  it('see a signal that every function takes, also where the request is of a stream', async () => {
    const abort = new InnerAbort();
    const seen: (AbortSignal | undefined)[] = [];
    const look: RequestInterceptor = async (call, next) => {
      seen.push(call.options.signal);
      return await next(call);
    };
    const { call } = connection({ currentTime: 1 }, [look]);
    await call('getClock', undefined, { signal: abort });
    await call('getClock', undefined);
    abort.abort('left');
    await call('getClock', undefined, { signal: abort });
    expect(seen.map((signal) => signal instanceof AbortSignal)).toEqual([true, false, true]);
    expect(seen.map((signal) => signal?.reason as unknown)).toEqual(['left', undefined, 'left']);
  });
});
