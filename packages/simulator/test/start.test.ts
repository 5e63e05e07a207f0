import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { type SimulatorOptions, startSimulator } from '@lp/simulator';
import { Agent, fetch } from 'undici';
import { WebSocket } from 'ws';
import { agentUrl, connectAgent, type LoginResponse, RawClient } from './support/raw-client.ts';

describe('starting', () => {
  // verifies: readme:simulator, network:simulator, sim:port
  it('gives what an agent needs to connect', async () => {
    await using simulator = await startSimulator();
    const [first] = simulator.agents;
    expect(simulator.url).toBe(`http://${simulator.csdsDomain}`);
    expect(simulator.ca).toBeUndefined();
    expect(simulator.connectOptions).toEqual({
      accountId: 'le12345678',
      credentials: { username: 'bot@example.com', password: first?.password },
      csdsDomain: simulator.csdsDomain,
      insecure: true,
    });
    expect(first).toMatchObject({
      userId: expect.stringMatching(/^\d{10}$/),
      pid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    });
  });

  it('takes a few turns of the event loop and waits for nothing but its port', async () => {
    let turns = 0;
    let counting = true;
    const count = () => {
      turns++;
      if (counting) setImmediate(count);
    };
    const waits = () => process.getActiveResourcesInfo().filter((name) => /Timeout|FSReq|Worker|Process/.test(name));
    const before = waits().length;
    setImmediate(count);
    const starting = startSimulator();
    expect(waits()).toHaveLength(before);
    await using simulator = await starting;
    counting = false;
    expect(simulator.url).toMatch(/^http:/);
    expect(turns).toBeLessThanOrEqual(5);
  });

  it('uses less than 50 ms of the processor, made for every test anew', async () => {
    const used: number[] = [];
    for (let i = 0; i < 5; i++) {
      const before = process.cpuUsage();
      const simulator = await startSimulator();
      const { user, system } = process.cpuUsage(before);
      used.push((user + system) / 1_000);
      await simulator.close();
    }
    expect(Math.min(...used)).toBeLessThan(50);
  });

  it('keeps its logins from run to run without a seed, and repeats no conversation; with one it repeats them', async () => {
    const made = async (options: { seed?: number }) => {
      await using simulator = await startSimulator(options);
      const consumer = simulator.consumer();
      const { conversationId } = await consumer.startConversation();
      return { login: simulator.connectOptions.credentials, ids: [conversationId, consumer.consumerId] };
    };
    const [first, second] = [await made({}), await made({})];
    expect(second.login).toEqual(first.login);
    expect(second.ids.filter((id) => first.ids.includes(id))).toEqual([]);
    expect((await made({ seed: 4 })).ids).toEqual((await made({ seed: 4 })).ids);
  });

  // verifies: sim:seed
  it('makes the same agents from the same seed, and others from another', async () => {
    const made = async (seed: number) => {
      await using simulator = await startSimulator({ seed });
      return JSON.stringify(simulator.agents);
    };
    expect(await made(7)).toBe(await made(7));
    expect(await made(7)).not.toBe(await made(8));
  });

  // verifies: sim:agents
  it('keeps what an agent is given', async () => {
    const given = { username: 'ada', password: 'p', userId: '42', pid: 'pid-1', skills: ['1'], maxConversations: 2 };
    await using simulator = await startSimulator({ agents: [given] });
    expect(simulator.agents[0]).toMatchObject(given);
  });

  it.each<[string, unknown]>([
    ['startSimulator.prot is not an option; did you mean port?', { prot: 1 }],
    ['port must be', { port: 70_000 }],
    ['port must be', { port: 1.5 }],
    ['host must be 127.0.0.1', { host: '0.0.0.0' }],
    ['accountId must be', { accountId: 'not ok' }],
    ['seed must be', { seed: -1 }],
    ['idleTimeoutMs must be', { idleTimeoutMs: 0 }],
    ['maxConversationsPerNotification must be', { maxConversationsPerNotification: 0 }],
    ['agents must be a list', { agents: [] }],
    ['agents[0] must be an object', { agents: ['ada'] }],
    ['agents[0].username is missing', { agents: [{}] }],
    ['agents[0].pasword is not an option; did you mean password?', { agents: [{ username: 'a', pasword: 'b' }] }],
    ['agents[0].password must be text', { agents: [{ username: 'a', password: 1 }] }],
    ['agents[0].userId must be a text of 1 to 20 digits', { agents: [{ username: 'a', userId: 'x' }] }],
    ['agents[0].maxConversations must be', { agents: [{ username: 'a', maxConversations: -1 }] }],
    ['agents[0].skills must be', { agents: [{ username: 'a', skills: '1' }] }],
    ['two agents have the same username', { agents: [{ username: 'a' }, { username: 'a' }] }],
    [
      'two agents have the same userId',
      {
        agents: [
          { username: 'a', userId: '5' },
          { username: 'b', userId: '5' },
        ],
      },
    ],
    ['skills[0].id is missing', { skills: [{}] }],
    ['skills[0].survey.appInstallId is missing', { skills: [{ id: '1', survey: {} }] }],
    ['quirks.speed is not an option; known are: queryBounds, ', { quirks: { speed: 1 } }],
    ['quirks.answersOrder is not an option; did you mean answerOrder?', { quirks: { answersOrder: 'last' } }],
    ['skills[0].autoCloseMS is not an option; did you mean autoCloseMs?', { skills: [{ id: '1', autoCloseMS: 1 }] }],
    [
      'skills[0].survey.timeout is not an option; did you mean timeoutMs?',
      { skills: [{ id: '1', survey: { appInstallId: 'a', timeout: 1 } }] },
    ],
    [
      'skills[0].shift.onshift is not an option; did you mean onShift?',
      { skills: [{ id: '1', shift: { onshift: true } }] },
    ],
    ['apps[0].clientID is not an option; did you mean clientId?', { apps: [{ clientID: 'a' }] }],
    [
      'webhooks[0].retries is not an option; did you mean maxRetries?',
      { webhooks: [{ url: 'http://127.0.0.1/', secret: 's', retries: 1 }] },
    ],
    ['quirks.queryBounds must be one of exclusive, inclusive', { quirks: { queryBounds: 'open' } }],
    ['quirks.numericIds must be a boolean', { quirks: { numericIds: 1 } }],
    ['quirks.queryPageSize must be a number', { quirks: { queryPageSize: -1 } }],
    ['quirks.queryPageSize must be a whole number of at least 1', { quirks: { queryPageSize: 0 } }],
    ['quirks.omitLastContentEvent must be a number from 0 to 1', { quirks: { omitLastContentEvent: 50 } }],
  ])('refuses wrong options: %s', async (message, options) => {
    const starting = startSimulator(options as SimulatorOptions);
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toBeInstanceOf(ConfigError);
  });

  // verifies: sim:port
  it('rejects with the system’s error when the port is in use', async () => {
    await using first = await startSimulator();
    const port = Number(new URL(first.url).port);
    await expect(startSimulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  // verifies: sim:tls
  it('serves TLS to who trusts its authority, and to nobody else', async () => {
    await using simulator = await startSimulator({ tls: true });
    const { url, ca = '', csdsDomain } = simulator;
    expect(csdsDomain).toMatch(/^localhost:\d+$/);
    expect(url).toBe(`https://${csdsDomain}`);
    expect(simulator.connectOptions).toMatchObject({ csdsDomain, tls: { ca } });
    expect(simulator.connectOptions).not.toHaveProperty('insecure');
    const lookup = `${url}/api/account/${simulator.accountId}/service/baseURI.json`;
    const dispatcher = new Agent({ connect: { ca } });
    expect((await fetch(lookup, { dispatcher })).status).toBe(200);
    await expect(fetch(lookup)).rejects.toThrow('fetch failed');
    const { username, password } = simulator.connectOptions.credentials;
    const login = await fetch(`${url}/api/account/${simulator.accountId}/login`, {
      dispatcher,
      method: 'POST',
      body: JSON.stringify({ username, password }),
    });
    const { bearer } = (await login.json()) as LoginResponse;
    await dispatcher.close();
    const socket = new WebSocket(agentUrl(simulator, bearer), { ca });
    const agent = new RawClient(socket);
    await once(socket, 'open');
    expect(await agent.request('.GetClock')).toMatchObject({ code: 200 });
    const chat = await simulator.consumer().startConversation({ message: 'over TLS' });
    expect(chat.transcript).toMatchObject([{ text: 'over TLS' }]);
  });
});

describe('closing', () => {
  it('cuts every connection, frees the port and can be repeated', async () => {
    const simulator = await startSimulator();
    const agent = await connectAgent(simulator);
    await simulator.consumer().startConversation();
    await Promise.all([simulator.close(), simulator.close()]);
    expect(await agent.closed).toMatchObject({ code: 1006 });
    const server = createServer().listen(Number(new URL(simulator.url).port), '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  });

  it('leaves nothing behind that keeps a process alive', async () => {
    const active = () => process.getActiveResourcesInfo().filter((name) => /TCP|Timeout|TLS/.test(name)).length;
    const before = active();
    for (let i = 0; i < 3; i++) {
      const simulator = await startSimulator();
      const agent = await connectAgent(simulator);
      await agent.request('.ams.routing.SetAgentState', { availability: 'ONLINE' });
      simulator.openConversations(2);
      simulator.faults.delay(1_000);
      await simulator.close();
      await agent.closed;
    }
    expect(active()).toBeLessThanOrEqual(before + 2);
  });
});
