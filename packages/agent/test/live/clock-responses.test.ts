import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectAgent } from '@lp/agent';
import { RequestRejectedError } from '@lp/core';
import { first, startPlatform, type TestPlatform } from '../support/platform.ts';
import { ACCOUNT, startRawPlatform } from '../support/raw-platform.ts';

describe('a platform that tells no usable time', () => {
  it.each([
    ['none', {}],
    ['null', { currentTime: null }],
    ['words', { currentTime: 'noon' }],
    ['one that is no time', { currentTime: 1e300 }],
  ])('is connected to all the same: %s', async (_what, response) => {
    await using platform = await startRawPlatform();
    platform.responses.set('.GetClock', response);
    const credentials = { username: 'bot', password: 'secret' };
    await using agent = await connectAgent({
      accountId: ACCOUNT,
      csdsDomain: platform.host,
      credentials,
      logger: false,
    });
    expect(agent.state).toBe('connected');
  });
});

describe('a platform that refuses to tell its time', () => {
  let platform: TestPlatform;

  beforeEach(async () => {
    platform = await startPlatform();
  });

  afterEach(async () => {
    await platform[Symbol.asyncDispose]();
  });

  it('ends the first connection with its own words', async () => {
    platform.simulator.faults.failRequests('GetClock', 403, { times: 1 });
    await expect(platform.connect()).rejects.toThrow(RequestRejectedError);
  });

  it('costs a running agent one more connection and nothing else', async () => {
    const agent = await platform.connect();
    platform.simulator.faults.failRequests('GetClock', 403, { times: 1 });
    const back = first(agent.status(), ({ type }) => type === 'reconnected');
    platform.simulator.faults.dropAll();
    await back;
    expect((await agent.getClock()).currentTime).toBeGreaterThan(0);
  });
});
