import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMemoryDialogStore } from '@lp/agent';
import { ClosedError, ConfigError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { startPlatform, type TestPlatform } from '../support/platform.ts';
import { RawPlatform, until } from '../support/raw-dialogs.ts';

let platform: TestPlatform;

beforeEach(async () => {
  platform = await startPlatform();
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

describe('an agent that loses its right to write', () => {
  it('keeps requests back while its gate is closed, and sends them when it opens', async () => {
    let open = true;
    let opened: () => void = () => undefined;
    const gate = {
      mayWrite: () => open,
      onOpen: (listener: () => void) => {
        opened = listener;
        return () => undefined;
      },
    };
    const agent = await platform.connect({ gate });
    open = false;
    const clock = agent.getClock();
    open = true;
    opened();
    expect((await clock).currentTime).toBeGreaterThan(0);
  });

  it('ends at once, and what waits rejects', async () => {
    const agent = await platform.connect();
    platform.simulator.faults.freeze();
    const stream = agent.notifications();
    const clock = agent.getClock().catch((error: unknown) => error);
    agent.terminate();
    expect(agent.state).toBe('closed');
    expect(await clock).toBeInstanceOf(ClosedError);
    expect(await agent.closed).toBeUndefined();
    expect(await stream.closed).toBeUndefined();
    expect(await agent.getClock().catch((error: unknown) => error)).toBeInstanceOf(ClosedError);
  });

  // What waits to be sent rejects before serving has stopped: the body fails of the end, and of nothing that its message did.
  it('counts nothing as handled that its end has cut off', async () => {
    await using raw = await RawPlatform.start();
    const store = createMemoryDialogStore();
    const logger = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const agent = await raw.connect({ logger, store, reconnect: { initialMs: 60_000, maxMs: 60_000 } });
    const [cut, asking] = [createDeferred<void>(), createDeferred<void>()];
    const serving = agent.serve(async (conversation) => {
      for await (const { text } of conversation.messages()) {
        if (text === 'hi') {
          raw.say(dialog, 'form');
          raw.cut();
          await cut.promise;
        } else {
          asking.resolve();
          await conversation.ask('Who?');
        }
      }
    });
    const dialog = raw.open('d');
    raw.say(dialog, 'hi');
    await until(() => agent.state === 'reconnecting');
    cut.resolve();
    await asking.promise;
    await nextTurn();
    agent.terminate();
    await serving;
    expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining('cut a handler off'), expect.anything());
    expect(logger.error).not.toHaveBeenCalled();
    const heard = createDeferred<string | undefined>();
    const next = await raw.connect({ store });
    void next.serve(async (conversation) => {
      for await (const { text } of conversation.messages()) heard.resolve(text);
    });
    raw.say(dialog, 'there');
    expect(await heard.promise).toBe('form');
  });

  it('refuses a gate that is not one', async () => {
    await expect(platform.connect({ gate: { mayWrite: () => true } as never })).rejects.toThrow(ConfigError);
  });
});
