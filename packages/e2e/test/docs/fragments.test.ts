import { spawnSync } from 'node:child_process';
import { unsubscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Agent, type Conversation, connectAgent } from '@lp/agent';
import type { QuickReplies, RichContent } from '@lp/agent/schemas';
import { type SimulatedChat, type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { createTransport } from '@lp/transport';
import { LONGEST_MS, PATIENCE } from '../examples/support.ts';
import { type BlockFiles, createBlockFiles } from './block-files.ts';

jest.setTimeout(LONGEST_MS);

let files: BlockFiles;
beforeAll(() => {
  files = createBlockFiles();
});
afterAll(() => files[Symbol.dispose]());

type Fragment = (names: object) => Promise<unknown>;

interface Talk {
  readonly chat: SimulatedChat;
  readonly simulator: Simulator;
  readonly agent: Agent;
}

/** What a bot with a fragment as its handler, or with `each: 'message'` as the body of its loop, does while a consumer talks. */
async function whileServing(
  fragment: Fragment,
  talk: (talk: Talk) => Promise<unknown>,
  options: { first?: string; each?: 'message'; names?: object; simulator?: SimulatorOptions } = {},
): Promise<void> {
  const { first = 'hello', each, names = {} } = options;
  await using simulator = await startSimulator(options.simulator);
  await using agent = await connectAgent(simulator.connectOptions);
  await agent.setAgentState({ availability: 'ONLINE' });
  const failures: unknown[] = [];
  const stop = new AbortController();
  const served = agent.serve(
    async (conversation) => {
      if (!each) return void (await fragment({ agent, conversation, ...names }));
      for await (const message of conversation.messages()) await fragment({ agent, conversation, message, ...names });
    },
    {
      signal: stop.signal,
      onError: ({ error }) => {
        failures.push(error);
        return 'skip';
      },
    },
  );
  const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: first });
  await talk({ chat, simulator, agent });
  stop.abort();
  await served;
  expect(failures).toEqual([]);
}

/** Runs a fragment in a conversation that nobody else handles; gives what it gave. */
async function inConversation(
  fragment: Fragment,
  check: (talk: Talk & { given: unknown; conversation: Conversation }) => unknown,
  options: { simulator?: SimulatorOptions } = {},
): Promise<void> {
  await using simulator = await startSimulator(options.simulator);
  await using agent = await connectAgent(simulator.connectOptions);
  const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'hello' });
  await agent.subscribeExConversations({ convState: ['OPEN'] });
  const conversation = agent.conversation(chat.conversationId);
  await conversation.join('MANAGER');
  const given = await fragment({ agent, conversation, simulator });
  await check({ chat, simulator, agent, given, conversation });
}

async function heard(chat: SimulatedChat): Promise<string | undefined> {
  return (await chat.next(PATIENCE)).text;
}

const requested = (simulator: Simulator, type: string, text: string) =>
  simulator.waitForRequest(type, ({ frame }) => JSON.stringify(frame).includes(text), PATIENCE);

/** What is printed by the console while something runs. */
async function printedDuring(
  way: 'log' | 'error',
  run: (printed: unknown[][]) => Promise<unknown>,
): Promise<unknown[][]> {
  const spy = jest.spyOn(console, way).mockImplementation(() => undefined);
  await run(spy.mock.calls);
  return spy.mock.calls;
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};

describe('docs/authoring.md', () => {
  it('asks two questions', async () => {
    const fragment = await files.fragmentOf('docs/authoring.md', 'Which size?');
    await whileServing(
      fragment,
      async ({ chat }) => {
        expect(await heard(chat)).toBe('Which size?');
        await chat.click('M');
        expect(await heard(chat)).toBe('How many?');
        await chat.say('three');
        expect(await heard(chat)).toBe('A whole number, please.');
        await chat.say('3');
        expect(await heard(chat)).toBe('3 in M: ordered.');
      },
      { first: 'order' },
    );
  });

  it('answers several messages at once', async () => {
    const fragment = await files.fragmentOf('docs/authoring.md', 'quietMs');
    await whileServing(fragment, async ({ chat }) => expect(await heard(chat)).toBe('1 messages: hello'));
  });

  it('keeps data', async () => {
    const fragment = await files.fragmentOf('docs/authoring.md', 'defineData');
    await whileServing(fragment, async ({ chat }) => {
      expect(await heard(chat)).toBe('1 so far');
      await chat.say('another');
      expect(await heard(chat)).toBe('2 so far');
    });
  });

  it('builds content that is sent', async () => {
    const fragment = await files.fragmentOf('docs/authoring.md', 'card({', { gives: 'yesOrNo, product' });
    await inConversation(fragment, async ({ chat, conversation, given }) => {
      const { yesOrNo, product } = given as { yesOrNo: QuickReplies; product: RichContent };
      await conversation.send('Buy it?', { quickReplies: yesOrNo });
      expect(await heard(chat)).toBe('Buy it?');
      await conversation.sendRichContent(product);
      expect(JSON.stringify((await chat.next(PATIENCE)).event)).toContain('buy-7');
    });
  });

  it('hands off', async () => {
    const fragment = await files.fragmentOf('docs/authoring.md', 'conversation.handOff(');
    await whileServing(fragment, async ({ chat, simulator }) => {
      expect(await heard(chat)).toBe('A colleague takes over.');
      expect(await requested(simulator, 'UpdateConversationField', '"42"')).toBeDefined();
    });
  });
});

it.each<[string, () => Promise<Fragment>]>([
  ['docs/authoring.md', () => files.fragmentOf('docs/authoring.md', 'askModel(')],
  ['docs/streams.md', () => files.fragmentOf('docs/streams.md', 'askModel(')],
])('%s: says what a model writes', async (_document, fragment) => {
  async function* askModel(prompt: string) {
    yield 'You said: ';
    yield prompt;
  }
  await whileServing(await fragment(), async ({ chat }) => expect(await heard(chat)).toBe('You said: hello'), {
    each: 'message',
    names: { askModel },
  });
});

it('docs/delivery-guarantees.md: answers each message', async () => {
  const fragment = await files.fragmentOf('docs/delivery-guarantees.md', 'await message.reply(`echo: ${');
  await whileServing(fragment, async ({ chat }) => expect(await heard(chat)).toBe('echo: hello'));
});

describe('docs/errors.md', () => {
  it('tells a refusal', async () => {
    const fragment = await files.fragmentOf('docs/errors.md', 'OutcomeUnknownError.isInstance');
    const printed = await printedDuring('error', () =>
      inConversation(
        async (names) => {
          await fragment(names);
          const { simulator } = names as { simulator: Simulator };
          simulator.faults.failRequests('PublishEvent', 400, { times: 1 });
          await fragment(names);
        },
        async ({ chat }) => expect(await heard(chat)).toBe('hello'),
      ),
    );
    expect(printed).toEqual([['not possible here']]);
  });

  it('decides what happens to a message whose handler fails', async () => {
    const fragment = await files.fragmentOf('docs/errors.md', 'onError(');
    await using simulator = await startSimulator();
    await using agent = await connectAgent({ ...simulator.connectOptions, logger: false });
    await agent.setAgentState({ availability: 'ONLINE' });
    const served = fragment({ agent });
    simulator.faults.failRequests('PublishEvent', 400, { times: 1 });
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    expect(await heard(chat)).toBe('Something went wrong here. A colleague will help you.');
    expect(await requested(simulator, 'UpdateConversationField', '"42"')).toBeDefined();
    await agent.drain();
    await served;
  });
});

describe('docs/observability.md', () => {
  it('says when a connection is gone for good', async () => {
    await using simulator = await startSimulator();
    const url = await urlOf(simulator);
    const transport = createTransport({ url: () => url, reconnect: false });
    await transport.connect();
    const fragment = await files.fragmentOf('docs/observability.md', 'transport.status()');
    const printed = await printedDuring('error', async () => {
      const read = fragment({ transport });
      simulator.faults.dropAll();
      await read;
    });
    expect(printed).toEqual([['gone for good', expect.anything()]]);
  });

  it('measures requests', async () => {
    const histogram = { record: jest.fn(), listener: (_message: unknown) => undefined };
    // Channels are the process's, which other test files share: kept, to be taken off again.
    const replace = { '(message) =>': 'histogram.listener = (message) =>' };
    const fragment = await files.fragmentOf('docs/observability.md', "subscribe('lp:request:end'", { replace });
    await fragment({ histogram });
    try {
      await using simulator = await startSimulator();
      await using agent = await connectAgent(simulator.connectOptions);
      await agent.setAgentState({ availability: 'ONLINE' });
    } finally {
      unsubscribe('lp:request:end', histogram.listener);
    }
    expect(histogram.record).toHaveBeenCalledWith(expect.any(Number), {
      type: expect.stringContaining('SetAgentState'),
    });
  });
});

describe('docs/testing-your-bot.md', () => {
  it('breaks what it says', async () => {
    const fragment = await files.fragmentOf('docs/testing-your-bot.md', 'faults.closeWith(4401)');
    await using simulator = await startSimulator();
    await using agent = await connectAgent({
      ...simulator.connectOptions,
      reconnect: { initialMs: 1, dialSpacingMs: 0 },
      contestedWaitMs: 0,
      logger: false,
    });
    const status = agent.status();
    await fragment({ simulator });
    for await (const { type } of status) if (type === 'reconnected') break;
    expect(await agent.setAgentState({ availability: 'ONLINE' })).toBeTruthy();
  });

  it('starts what is to be rehearsed', () => {
    const path = files.programOf('docs/testing-your-bot.md', "oauth1: 'refused'");
    expect(spawnSync(process.execPath, [path], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('starts a bot as a process of its own', async () => {
    const bot = join(files.folder, 'bot.mjs');
    writeFileSync(
      bot,
      `import { connectAgent } from '@lp/agent';
       import { credentialsFromEnv } from '@lp/auth';
       const agent = await connectAgent(credentialsFromEnv());
       await agent.setAgentState({ availability: 'ONLINE' });
       await agent.drain();`,
    );
    const fragment = await files.fragmentOf('docs/testing-your-bot.md', 'spawn(process.execPath', {
      replace: { "'bot.js'": JSON.stringify(bot) },
    });
    await using simulator = await startSimulator();
    await fragment({ simulator });
    expect(await simulator.waitForRequest('SetAgentState', undefined, PATIENCE)).toBeDefined();
  });
});

it('docs/simulator.md: starts a platform that calls a connector', async () => {
  const fragment = await files.fragmentOf('docs/simulator.md', 'webhooks:', { gives: 'simulator, app' });
  const { simulator, app } = (await fragment({})) as { simulator: Simulator; app: object };
  await simulator.close();
  expect(app).toMatchObject({ clientId: expect.any(String), clientSecret: expect.any(String) });
});

it('docs/getting-started.md: does what a conversation can do', async () => {
  const fragment = await files.fragmentOf('docs/getting-started.md', 'withTyping');
  await whileServing(fragment, async ({ chat, simulator }) => {
    expect(await heard(chat)).toBe('Shall I look it up?');
    expect(JSON.stringify((await chat.next(PATIENCE)).event)).toContain('4711 is on its way');
    expect(await heard(chat)).toBe('A colleague takes over.');
    expect(await requested(simulator, 'UpdateConversationField', 'Ada asked for order 4711')).toBeDefined();
    expect(await requested(simulator, 'UpdateConversationField', '"1234"')).toBeDefined();
  });
});

it('docs/deploying.md: a probe gets the state', async () => {
  process.env['PORT'] = '0';
  const fragment = await files.fragmentOf('docs/deploying.md', 'vendor interruption', { gives: 'server' });
  await using simulator = await startSimulator();
  await using agent = await connectAgent(simulator.connectOptions);
  const { server } = (await fragment({ agent })) as { server: Server };
  delete process.env['PORT'];
  await until(() => server.listening);
  const probe = async () => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/health`);
    return [response.status, await response.json()];
  };
  expect(await probe()).toEqual([200, { state: 'online' }]);
  await agent.close();
  expect(await probe()).toEqual([503, { state: 'service interruption' }]);
  server.closeAllConnections();
  server.close();
});

describe('docs/migrating-from-node-agent-sdk.md', () => {
  it('reads the changes of conversations', async () => {
    const fragment = await files.fragmentOf('docs/migrating-from-node-agent-sdk.md', 'agent.conversationChanges()');
    await using simulator = await startSimulator();
    await using agent = await connectAgent(simulator.connectOptions);
    const printed = await printedDuring('log', async (lines) => {
      const read = fragment({ agent });
      await simulator.consumer().startConversation({ message: 'hello' });
      await until(() => lines.length > 0);
      await agent.close();
      await read;
    });
    expect(printed).toContainEqual(['UPSERT', expect.any(String)]);
  });

  it('gets a profile', async () => {
    await using simulator = await startSimulator();
    await using agent = await connectAgent(simulator.connectOptions);
    const ada = simulator.consumer({ firstName: 'Ada' });
    await ada.startConversation({ message: 'hello' });
    const fragment = await files.fragmentOf('docs/migrating-from-node-agent-sdk.md', 'const profile =', {
      replace: { 'consumer-id': ada.consumerId },
    });
    expect(await printedDuring('log', () => fragment({ agent }))).toEqual([['Ada', expect.anything()]]);
  });

  it('sends a file', async () => {
    const picture = join(files.folder, 'logo.jpeg');
    writeFileSync(picture, 'JPEG');
    const fragment = await files.fragmentOf('docs/migrating-from-node-agent-sdk.md', "createReadStream('logo.jpeg')", {
      replace: { "'logo.jpeg'": JSON.stringify(picture) },
    });
    await inConversation(fragment, async ({ chat }) =>
      expect((await chat.next(PATIENCE)).event).toMatchObject({ contentType: 'hosted/file' }),
    );
  });

  it('submits a survey', async () => {
    await using simulator = await startSimulator({
      skills: [{ id: '1234', agentSurvey: [{ id: 1, category: 'free_text' }] }],
    });
    await using agent = await connectAgent(simulator.connectOptions);
    const chat = await simulator.consumer().startConversation({ skillId: '1234', message: 'hello' });
    const fragment = await files.fragmentOf('docs/migrating-from-node-agent-sdk.md', 'agent.survey.submit', {
      replace: { 'some-conversation': chat.conversationId },
    });
    await fragment({ agent });
    const { agentSurveyContext } = await agent.survey.state({ conversationId: chat.conversationId, skillId: '1234' });
    expect(agentSurveyContext?.agentSurveyStatus).toBe('submitted');
  });

  it('transfers to the agent of the conversation before', async () => {
    await using simulator = await startSimulator();
    await using agent = await connectAgent(simulator.connectOptions);
    await agent.setAgentState({ availability: 'ONLINE' });
    const ada = simulator.consumer();
    const rings = agent.rings()[Symbol.asyncIterator]();
    const before = await ada.startConversation({ message: 'hello' });
    const first = await (await rings.next()).value?.accept();
    await first?.close();
    await before.closed;
    await ada.startConversation({ message: 'again' });
    const conversation = await (await rings.next()).value?.accept();
    const fragment = await files.fragmentOf('docs/migrating-from-node-agent-sdk.md', 'consumerConversations(', {
      replace: { 'consumer-id': ada.consumerId },
    });
    await fragment({ agent, conversation });
    expect(await requested(simulator, 'UpdateConversationField', '"SUGGEST"')).toBeDefined();
  });

  it('answers on a social channel', async () => {
    const fragment = await files.fragmentOf('docs/migrating-from-node-agent-sdk.md', 'Thank you!');
    await inConversation(fragment, async ({ simulator }) => {
      expect(await requested(simulator, 'PublishEvent', '107_151')).toBeDefined();
    });
  });
});

it('packages/core/README.md: tells errors apart', async () => {
  const fragment = await files.fragmentOf('packages/core/README.md', 'RequestTimeoutError');
  await using simulator = await startSimulator();
  await using agent = await connectAgent(simulator.connectOptions);
  const printed = await printedDuring('error', async () => {
    await fragment({ agent });
    await agent.close();
    await fragment({ agent });
  });
  expect(printed).toEqual([['CLOSED', false]]);
});

/** Where an agent's socket is opened, with the token of a login. */
async function urlOf({ url, accountId, connectOptions }: Simulator): Promise<string> {
  const { username, password } = connectOptions.credentials;
  const body = JSON.stringify({ username, password });
  const response = await fetch(`${url}/api/account/${accountId}/login`, { method: 'POST', body });
  const { bearer } = (await response.json()) as { bearer: string };
  return `${url.replace('http', 'ws')}/ws_api/account/${accountId}/messaging/brand/${bearer}?v=2.1`;
}

it('packages/transport/README.md: asks for the time', async () => {
  await using simulator = await startSimulator();
  const fragment = await files.fragmentOf('packages/transport/README.md', 'createTransport(', {
    replace: { 'wss://messaging.example.com/ws?v=3': await urlOf(simulator) },
  });
  const printed = await printedDuring('log', () => fragment({}));
  expect(printed).toEqual([[{ currentTime: expect.any(Number) }]]);
});
