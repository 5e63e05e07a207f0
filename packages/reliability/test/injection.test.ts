import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Agent, connectAgent } from '@lp/agent';
import { ConfigError, LpError } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { WireProxy } from '../src/lib/wire-proxy.ts';

const HOSTILE = [
  '../../other',
  'a/b',
  'a?b=c',
  'a#b',
  'a&conv=b',
  '%2e%2e%2f',
  'a\r\nX-Injected: yes',
  'a\u0000b',
  'a b',
  '\\..\\',
  'ü',
  '//evil.example/',
];
const SURVEY = '/api/account/le12345678/forms/agent_survey/state';

let simulator: Simulator;
let proxy: WireProxy;
let agent: Agent;
const seen: string[] = [];

beforeAll(async () => {
  simulator = await startSimulator();
  proxy = await WireProxy.start(simulator.csdsDomain);
  proxy.respond = (path, method) => {
    seen.push(`${method} ${path}`);
    return undefined;
  };
  const { host } = proxy;
  const domains = { agentVep: host, msgHist: host, runtimeFormLogic: host, swift: host };
  agent = await connectAgent({ ...simulator.connectOptions, domains });
});

afterAll(async () => {
  await agent.close();
  await proxy.close();
  await simulator.close();
});

/** What is asked of the platform by a call, and the error that the call rejects with. */
async function during(call: () => Promise<unknown>): Promise<{ paths: string[]; error: unknown }> {
  seen.length = 0;
  const error: unknown = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { paths: [...seen], error };
}

describe('ids that hold more than an id', () => {
  // verifies: threat:ids
  it.each(HOSTILE)('stay within their place in the path: %j', async (id) => {
    const { paths, error } = await during(() => agent.conversation('c').downloadFile(id));
    expect(LpError.isInstance(error)).toBe(true);
    // Consumers write the path of a file. It is asked for at the storage's host and nowhere else, in one line.
    for (const path of paths) expect(path).toMatch(/^GET \/[\x21-\x7e]*$/);
    await expect(connectAgent({ ...simulator.connectOptions, accountId: id })).rejects.toThrow(ConfigError);
  });

  // verifies: threat:ids
  it.each(HOSTILE)('are refused or encoded in queries and bodies: %j', async (id) => {
    const { paths } = await during(() => agent.survey.state({ conversationId: id, skillId: id }));
    for (const path of paths) {
      const url = new URL(path.replace('GET ', ''), 'http://x');
      expect([url.pathname, url.searchParams.get('conv'), url.searchParams.get('skill')]).toEqual([SURVEY, id, id]);
    }
    const { paths: searched } = await during(() => agent.history.conversation({ conversationId: id }));
    expect(
      searched.every((path) => path.startsWith('POST /messaging_history/api/account/le12345678/conversations/')),
    ).toBe(true);
    expect(paths.length + searched.length).toBeGreaterThan(0);
  });
});
