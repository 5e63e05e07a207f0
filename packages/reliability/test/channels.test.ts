import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectAgent } from '@lp/agent';
import { LpError } from '@lp/core';
import { startSimulator } from '@lp/simulator';

const CHANNELS = ['lp:auth:http', 'lp:auth:session'];
const told: { name: string; message: object }[] = [];
const note = (message: unknown, name: string | symbol): void =>
  void told.push({ name: String(name), message: message as object });

beforeEach(() => {
  told.length = 0;
  for (const name of CHANNELS) subscribe(name, note);
});
afterEach(() => {
  for (const name of CHANNELS) unsubscribe(name, note);
});

describe('the channels of the session', () => {
  // verifies: auth-channel:http, auth-channel:session
  it('tell of each HTTP exchange and each change of the session, by facts alone', async () => {
    const simulator = await startSimulator();
    const { accountId, connectOptions, csdsDomain } = simulator;
    const agent = await connectAgent({ ...connectOptions, reconnect: { loginSpacingMs: 1, dialSpacingMs: 0 } });
    await agent.reconnect({ renewToken: true });
    await agent.close();
    await simulator.close();
    await expect(connectAgent(connectOptions)).rejects.toThrow(LpError);
    const of = (wanted: string) => told.filter(({ name }) => name === wanted).map(({ message }) => message);
    const known = { host: csdsDomain, durationMs: expect.any(Number) };
    expect(of('lp:auth:http')).toEqual([
      { ...known, method: 'GET', service: undefined, status: 200 },
      { ...known, method: 'POST', service: 'agentVep', status: 200 },
      { ...known, method: 'POST', service: 'agentVep', status: 200 },
      { ...known, method: 'GET', service: undefined, code: 'NOT_CONNECTED' },
    ]);
    expect(of('lp:auth:session')).toContainEqual(
      expect.objectContaining({
        type: 'sessionRenewed',
        accountId,
        at: expect.any(Number),
        reason: expect.any(String),
      }),
    );
  });
});
