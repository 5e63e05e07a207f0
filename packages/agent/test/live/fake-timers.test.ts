import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type AgentOptions, connectAgent } from '@lp/agent';
import { createHttpClient } from '@lp/auth';
import { type Simulator, startSimulator } from '@lp/simulator';
import { type Clock, install } from '@sinonjs/fake-timers';

let simulator: Simulator;
let clock: Clock | undefined;

beforeEach(async () => {
  simulator = await startSimulator();
});

afterEach(async () => {
  clock?.uninstall();
  clock = undefined;
  jest.useRealTimers();
  await simulator.close();
});

const connect = (options: Partial<AgentOptions> = {}) =>
  connectAgent({ ...simulator.connectOptions, logger: false, ...options });

/** Undici rests on these: with them faked, nothing of HTTP moves by itself, in any program. */
const LEFT = ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const;

const FAKES: readonly [string, () => (ms: number) => Promise<unknown>][] = [
  [
    'jest',
    () => {
      jest.useFakeTimers({ doNotFake: [...LEFT] });
      return (ms) => jest.advanceTimersByTimeAsync(ms);
    },
  ],
  [
    'sinon, and vitest, which brings the same',
    () => {
      clock = install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
      return (ms) => clock?.tickAsync(ms) ?? Promise.resolve();
    },
  ],
];

describe.each(FAKES)('under the fake timers of %s', (_name, fake) => {
  it('an agent logs in over HTTP, connects, answers a message and closes, with no time moved', async () => {
    fake();
    await using agent = await connect();
    await agent.setAgentState({ availability: 'ONLINE' });
    const served = agent.serve(async (conversation) => {
      for await (const message of conversation.messages()) await message.reply(`echo: ${message.text}`);
    });
    const chat = await simulator.consumer().startConversation({ message: 'hi' });
    expect((await chat.next()).text).toBe('echo: hi');
    await agent.close();
    await served;
  });

  it('a request runs out when the fake time says so, and not before', async () => {
    const advance = fake();
    await using agent = await connect({ requestTimeoutMs: 5_000 });
    simulator.faults.dropAnswers('GetClock');
    const asked = agent.getClock().catch((error: unknown) => error);
    await simulator.waitForRequest('GetClock');
    await advance(4_999);
    expect(await Promise.race([asked, Promise.resolve('waits')])).toBe('waits');
    await advance(1);
    expect(await asked).toMatchObject({ code: 'REQUEST_TIMEOUT' });
    await agent.close();
  });

  it('an HTTP call is made, and runs out when the fake time says so', async () => {
    const advance = fake();
    await using http = createHttpClient({ timeoutMs: 5_000 });
    const path = `/api/account/${simulator.connectOptions.accountId}/service/baseURI.json`;
    const call = () => http.request({ method: 'GET', origin: `http://${simulator.csdsDomain}`, path });
    expect((await call()).status).toBe(200);
    const silent = await silentServer();
    const asked = http
      .request({ method: 'GET', origin: silent.origin, path })
      .catch((error: { code?: string }) => error.code);
    await silent.asked;
    await advance(5_000);
    expect(await asked).toBe('REQUEST_TIMEOUT');
    await silent.close();
  });
});

async function silentServer() {
  let heard: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const server = createServer(() => heard());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${port}`, asked, close };
}
