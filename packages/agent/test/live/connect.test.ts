import { Agent as HttpAgent } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectAgent } from '@lp/agent';
import {
  ClosedError,
  ConfigError,
  DomainLookupError,
  DrainingError,
  InvalidCredentialsError,
  RequestRejectedError,
} from '@lp/core';
import { first, readAll, startPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;

beforeEach(async () => {
  platform = await startPlatform();
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
});

const options = () => ({ ...platform.simulator.connectOptions, logger: false as const });

describe('connectAgent', () => {
  it('resolves with a usable agent that knows who it is', async () => {
    const agent = await platform.connect();
    const [account] = platform.simulator.agents;
    expect(agent.state).toBe('connected');
    expect(agent).toMatchObject({ accountId: 'le12345678', agentId: account?.pid, userId: account?.userId });
    expect((await agent.getClock()).currentTime).toBeGreaterThan(0);
  });

  it('needs nothing but the look-up host of a simulator besides account and credentials', async () => {
    const { accountId, credentials, csdsDomain } = options();
    await using agent = await connectAgent({ accountId, credentials, csdsDomain, logger: false });
    expect(agent.state).toBe('connected');
  });

  // verifies: first:connect
  it('has had a response on the socket when it resolves', async () => {
    await platform.connect();
    const requests = platform.simulator.recentFrames.filter((entry) => entry.direction === 'in');
    expect(requests.map((entry) => entry.type)).toEqual(['.GetClock']);
  });

  it('connects over TLS with the authority it is given, and not without', async () => {
    await using secure = await startPlatform({ tls: true });
    const agent = await secure.connect();
    expect(agent.state).toBe('connected');
    const { tls: _, ...untrusting } = secure.simulator.connectOptions;
    await expect(connectAgent({ ...untrusting, insecure: false })).rejects.toThrow(DomainLookupError);
  });

  it.each([
    ['a wrong password', { credentials: { username: 'bot@example.com', password: 'wrong' } }, InvalidCredentialsError],
    ['an unknown account', { accountId: 'le999' }, DomainLookupError],
    ['nobody at the look-up host', { csdsDomain: '127.0.0.1:1' }, DomainLookupError],
    ['an account id that cannot be one', { accountId: '../admin' }, ConfigError],
    ['half a set of credentials', { credentials: { username: 'bot@example.com' } }, ConfigError],
    ['plain http to a host elsewhere', { csdsDomain: 'example.com', insecure: true }, ConfigError],
    ['an option that does not exist', { retries: 3 }, ConfigError],
    ['a time-out that is not one', { requestTimeoutMs: -1 }, ConfigError],
    ['a logger without methods', { logger: {} }, ConfigError],
  ])('rejects with a typed error and leaves nothing behind: %s', async (_what, wrong, ErrorClass) => {
    const failure = await connectAgent({ ...options(), ...(wrong as object) }).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure).toBeInstanceOf(ErrorClass);
    expect(failure?.message).not.toContain('\n');
    expect(inspect(failure, { depth: 9 })).not.toContain(options().credentials.password);
  });

  // verifies: error:config
  it('names the option that is wrong and what it must be', async () => {
    await expect(connectAgent({ ...options(), requestTimeoutMs: -1 })).rejects.toThrow(
      'requestTimeoutMs must be more than 0',
    );
  });

  // verifies: error:credentials, session:login-refused, auth-error:credentials, first:connect
  it('never tries wrong credentials twice', async () => {
    const credentials = { username: 'bot@example.com', password: 'wrong' };
    await expect(platform.connect({ credentials, firstConnect: 'retry' })).rejects.toThrow(InvalidCredentialsError);
  });

  it('rejects when the first connection fails, and keeps trying when told to', async () => {
    platform.simulator.faults.csdsDown(503, { times: 2 });
    await expect(platform.connect()).rejects.toMatchObject({ retryable: true });
    const agent = await platform.connect({ firstConnect: 'retry' });
    expect(agent.state).toBe('connected');
  });

  it('opens its socket through the agent it is given, as a proxy needs', async () => {
    let opened = 0;
    class CountingAgent extends HttpAgent {
      override createConnection(...parameters: Parameters<HttpAgent['createConnection']>) {
        opened++;
        return super.createConnection(...parameters);
      }
    }
    await platform.connect({ wsAgent: new CountingAgent() });
    expect(opened).toBe(1);
  });

  // verifies: error:outbox
  it('takes no more requests at once than it may', async () => {
    const agent = await platform.connect({ maxInFlight: 2 });
    const calls = await Promise.allSettled([agent.getClock(), agent.getClock(), agent.getClock()]);
    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  it('rejects with the reason of a signal that was aborted before', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(platform.connect({ signal })).rejects.toThrow('too late');
  });

  it('rejects with the reason of a signal that is aborted meanwhile', async () => {
    const controller = new AbortController();
    platform.simulator.faults.freeze();
    const connecting = platform.connect({ signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(connecting).rejects.toThrow('changed my mind');
  });
});

describe('the agent', () => {
  it('closes once, whatever calls it, and ends every stream', async () => {
    const agent = await platform.connect();
    const streams = [agent.status(), agent.conversationChanges(), agent.notifications(), agent.rings()];
    const reading = Promise.all(streams.map((stream) => readAll<unknown>(stream)));
    await Promise.all([agent.close(), agent.close(), agent[Symbol.asyncDispose]()]);
    await reading;
    expect(await agent.closed).toBeUndefined();
    expect(agent.state).toBe('closed');
    await expect(agent.getClock()).rejects.toThrow(ClosedError);
  });

  // verifies: error:draining
  it('drains: what was received is still handled and answered, nothing new is taken', async () => {
    const agent = await platform.connect();
    await agent.setAgentState({ availability: 'ONLINE' });
    const answers: string[] = [];
    const served = agent.serve(async (conversation) => {
      for await (const message of conversation.messages()) {
        await agent.getClock();
        await conversation.send(`echo: ${message.text}`);
        answers.push(message.text ?? '');
      }
    });
    const chat = await platform.simulator.consumer().startConversation({ message: 'one' });
    await chat.next();
    for (const text of ['two', 'three']) await chat.say(text);
    await agent.getClock();
    await agent.drain();
    await served;
    expect(answers).toEqual(['one', 'two', 'three']);
    await expect(agent.getClock()).rejects.toThrow(ClosedError);
    expect(await agent.closed).toBeUndefined();
  });

  it('takes nothing new while it drains, and drops what streams hold when it is closed', async () => {
    const agent = await platform.connect();
    const notifications = agent.notifications()[Symbol.asyncIterator]();
    await agent.subscribeExConversations();
    await agent.subscribeAgentsState();
    await notifications.next();
    const draining = agent.drain();
    expect(agent.state).toBe('draining');
    await expect(agent.subscribeExConversations()).rejects.toThrow(DrainingError);
    await expect(agent.reconnect()).rejects.toThrow(DrainingError);
    expect((await agent.getClock()).currentTime).toBeGreaterThan(0);
    while ((await notifications.next()).done !== true);
    await draining;
    const other = await platform.connect();
    const dropped = other.notifications();
    await other.subscribeExConversations();
    await other.close();
    expect(await readAll(dropped)).toEqual([]);
  });

  it('does not wait for a consumer that stopped reading longer than it may', async () => {
    const agent = await platform.connect();
    const notifications = agent.notifications()[Symbol.asyncIterator]();
    await agent.subscribeExConversations();
    await notifications.next();
    await agent.drain({ timeoutMs: 10 });
    expect(agent.state).toBe('closed');
  });

  it('fails every stream with the error that ended it', async () => {
    const agent = await platform.connect({ reconnect: false });
    await agent.setAgentState({ availability: 'ONLINE' });
    const ring = first(agent.rings());
    await platform.simulator.consumer().startConversation({ message: 'hi' });
    const conversation = await (await ring).accept();
    const messages = conversation.messages()[Symbol.asyncIterator]();
    await messages.next();
    const reading = [
      readAll<unknown>(agent.conversationChanges()),
      readAll<unknown>({ [Symbol.asyncIterator]: () => messages }),
      readAll<unknown>(agent.rings()),
    ].map((stream) =>
      stream.then(
        () => 'ended',
        (error: Error) => error.name,
      ),
    );
    await agent.getClock();
    platform.simulator.faults.dropAll();
    const error = await agent.closed;
    expect(error).toBeInstanceOf(Error);
    expect(await Promise.all(reading)).toEqual([error?.name, error?.name, error?.name]);
  });

  // verifies: status:disconnected, status:reconnected, wait:status
  it('tells of a lost and a restored connection, and of how long it was away', async () => {
    const agent = await platform.connect();
    const status = agent.status();
    platform.simulator.faults.dropAll();
    const restored = await first(status, (event) => event.type === 'reconnected');
    expect(restored).toMatchObject({ type: 'reconnected', epoch: 2, gapMs: expect.any(Number) });
    expect((await agent.getClock()).currentTime).toBeGreaterThan(0);
  });

  // verifies: shown:token
  it('logs in again when the token was revoked, and goes on', async () => {
    const agent = await platform.connect();
    const before = agent.getBearerToken();
    const status = agent.status();
    platform.simulator.faults.expireToken();
    await first(status, (event) => event.type === 'reconnected');
    expect(agent.getBearerToken()).not.toBe(before);
    expect(agent.state).toBe('connected');
  });

  // verifies: readme:alive, first:state
  it('restores its state and its subscriptions after a reconnect', async () => {
    const agent = await platform.connect();
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.subscribeExConversations({ stage: ['OPEN'] });
    await agent.subscribeRoutingTasks();
    const status = agent.status();
    platform.simulator.faults.dropAll();
    await first(status, (event) => event.type === 'reconnected');
    const sent = platform.simulator.recentFrames.filter((entry) => entry.direction === 'in').map((entry) => entry.type);
    const once = [
      '.ams.routing.SetAgentState',
      '.ams.aam.SubscribeExConversations',
      '.ams.routing.SubscribeRoutingTasks',
    ];
    for (const type of once) expect(sent.filter((other) => other === type)).toHaveLength(2);
  });

  it('ends an own subscription by the id it was given, after a reconnect too', async () => {
    const agent = await platform.connect();
    const { subscriptionId } = await agent.subscribeExConversations({ stage: ['OPEN'] });
    await agent.reconnect();
    await agent.unsubscribeExConversations({ subscriptionId });
    await agent.reconnect();
    const sent = platform.simulator.recentFrames.filter((entry) => entry.type === '.ams.aam.SubscribeExConversations');
    expect(sent.filter((entry) => entry.direction === 'in')).toHaveLength(2);
  });

  it('sends a request of any type untouched', async () => {
    const agent = await platform.connect();
    expect(await agent.request('.GetClock', {})).toEqual({ currentTime: expect.any(Number) });
    await expect(agent.request('.no.such.Type', { a: 1 })).rejects.toMatchObject({
      status: 400,
      type: '.no.such.Type',
    });
  });

  it('passes every request through its interceptors, the first outermost', async () => {
    const seen: string[] = [];
    const agent = await platform.connect({
      interceptors: [
        async (call, next) => {
          seen.push(`outer ${call.type}`);
          return await next(call);
        },
        async (call, next) => {
          seen.push('inner');
          if (call.type === '.ams.routing.SetAgentState') throw new RequestRejectedError({ status: 403, type: 'mine' });
          return await next(call);
        },
      ],
    });
    expect(seen).toEqual(['outer .GetClock', 'inner']);
    await expect(agent.setAgentState({ availability: 'ONLINE' })).rejects.toThrow(RequestRejectedError);
  });

  // verifies: readme:checked
  it('refuses a body that cannot be right before anything is sent, naming the place and the limit', async () => {
    const agent = await platform.connect();
    const event = { type: 'ContentEvent', contentType: 'text/plain', message: 'x'.repeat(8_001) } as const;
    const before = platform.simulator.recentFrames.length;
    await expect(agent.publishEvent({ dialogId: 'd', event })).rejects.toThrow(
      'publishEvent cannot be sent: event.message must be at most 8000 characters',
    );
    await expect(agent.publishEvent({ dialogId: 'd', event: { ...event, mesage: 'x' } as never })).rejects.toThrow(
      ConfigError,
    );
    expect(platform.simulator.recentFrames).toHaveLength(before);
  });
});
