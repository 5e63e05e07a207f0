import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ClosedError, ConfigError } from '@lp/core';
import { startPlatform, type TestPlatform } from '../support/platform.ts';

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

  it('refuses a gate that is not one', async () => {
    await expect(platform.connect({ gate: { mayWrite: () => true } as never })).rejects.toThrow(ConfigError);
  });
});
