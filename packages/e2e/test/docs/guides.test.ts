import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectAgent } from '@lp/agent';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { environment, LONGEST_MS, PATIENCE } from '../examples/support.ts';
import { runProgram } from '../run-program.ts';
import { type BlockFiles, createBlockFiles, FORMS, programsIn, type Replacements } from './block-files.ts';
import { toCommonJs } from './common-js.ts';

jest.setTimeout(LONGEST_MS);

let files: BlockFiles;
beforeAll(() => {
  files = createBlockFiles();
});
afterAll(() => files[Symbol.dispose]());

/** Makes another consumer that of the conversation, as a visitor's login does; his other conversation is told `before`. */
async function logIn(
  simulator: Simulator,
  conversationId: string,
  before?: (known: SimulatedChat) => Promise<void>,
): Promise<void> {
  const { username = '', password = '' } = simulator.agents[1] ?? {};
  await using manager = await connectAgent({ ...simulator.connectOptions, credentials: { username, password } });
  const known = await simulator.consumer({ firstName: 'Grace' }).startConversation();
  await manager.subscribeExConversations({ stage: ['OPEN'] });
  const consumerOf = (id: string) => manager.conversation(id).consumerId;
  while (!consumerOf(known.conversationId) || !consumerOf(conversationId)) await new Promise(setImmediate);
  await before?.(known);
  const [from, to] = [consumerOf(conversationId), consumerOf(known.conversationId)];
  const change = (type: 'REMOVE' | 'ADD', userId = '') =>
    ({ field: 'ParticipantsChange', type, role: 'CONSUMER', userId }) as never;
  await manager.conversation(conversationId).update([change('REMOVE', from), change('ADD', to)]);
}

/** Hangs up in the middle of a body, and waits until the server has seen that. */
async function hangUp(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.resume().end('POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"kind":');
  await once(socket, 'close');
}

const agents = [{ username: 'bot@example.com' }, { username: 'manager@example.com' }];
const BOT = { agent: 'bot@example.com' };

describe('the programs in docs/guides.md', () => {
  it('stand there in both forms, which say the same', () => {
    const modules = programsIn('docs/guides.md', 'mjs').map(({ code }) => code);
    expect(modules).toHaveLength(3);
    expect(programsIn('docs/guides.md', 'cjs').map(({ code }) => code)).toEqual(modules.map(toCommonJs));
  });

  it.each(FORMS)('answer a press on a quick reply by its id (%s)', async (form) => {
    await using simulator = await startSimulator();
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    await runProgram(files.programOf('docs/guides.md', 'quickReplies', { form }), {
      env: environment(simulator),
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toBe('What about your order?');
        await chat.click('Cancel it');
        expect((await chat.next(PATIENCE)).text).toBe('It is cancelled.');
        await chat.click('Where is it?');
        expect((await chat.next(PATIENCE)).text).toBe('It is on its way.');
      },
    });
  });

  it.each(FORMS)(
    'take a webhook that is signed, refuse one that is not, and outlive one that breaks off (%s)',
    async (form) => {
      const outcome = await runProgram(files.programOf('docs/guides.md', 'isSignedWebhook', { form }), {
        env: { WEBHOOK_SECRET: 'app-secret', PORT: '0' },
        during: async ({ printed }) => {
          const [, port] = await printed(/listening (\d+)/);
          await hangUp(Number(port));
          const url = `http://127.0.0.1:${port}/events`;
          expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
          await using simulator = await startSimulator({ webhooks: [{ url, secret: 'app-secret' }] });
          await simulator.consumer().startConversation({ message: 'hello' });
          await printed(/MessagingEventNotification/);
        },
      });
      expect(outcome.stderr).toBe('aborted\n');
    },
  );

  it.each(FORMS)('tell of a visitor who logs in, and go on with the conversation (%s)', async (form) => {
    await using simulator = await startSimulator({ agents });
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    const outcome = await runProgram(files.programOf('docs/guides.md', 'watchLogins', { form }), {
      env: environment(simulator),
      during: async ({ printed }) => {
        expect((await chat.next(PATIENCE)).text).toBe('echo: hello');
        await logIn(simulator, chat.conversationId);
        await printed(/: \S+ is \S+ now/);
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(simulator.recentFrames.some(({ frame }) => JSON.stringify(frame).includes('logged in as Grace'))).toBe(true);
  });

  it('tell of the next visitor who logs in when a note was refused', async () => {
    await using simulator = await startSimulator({ agents });
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    const outcome = await runProgram(files.programOf('docs/guides.md', 'watchLogins', { form: 'mjs' }), {
      env: environment(simulator),
      during: async ({ printed }) => {
        expect((await chat.next(PATIENCE)).text).toBe('echo: hello');
        simulator.faults.failRequests('UpdateConversationField', 500, { ...BOT, times: 1 });
        await logIn(simulator, chat.conversationId);
        await logIn(simulator, chat.conversationId);
        await printed(/: \S+ is \S+ now/);
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^\S+: .*500.*\n$/) });
  });
});

describe('the program in docs/javascript-and-commonjs.md', () => {
  it('stands there in both forms, which say the same', () => {
    const [module = ''] = programsIn('docs/javascript-and-commonjs.md', 'mjs').map(({ code }) => code);
    expect(programsIn('docs/javascript-and-commonjs.md', 'cjs')[0]?.code).toBe(toCommonJs(module));
  });

  it.each(FORMS)('answers (%s)', async (form) => {
    await using simulator = await startSimulator();
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    const path = files.programOf('docs/javascript-and-commonjs.md', 'stopSignal', { form });
    const outcome = await runProgram(path, {
      env: environment(simulator),
      during: async () => expect((await chat.next(PATIENCE)).text).toBe('echo: hello'),
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

// What a bot of the old SDK becomes at the second step, and what it was.
describe('the bot in docs/migrating-from-node-agent-sdk.md', () => {
  it('answers, once it is moved', async () => {
    await using simulator = await startSimulator();
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    const outcome = await runProgram(
      files.programOf('docs/migrating-from-node-agent-sdk.md', 'await message.reply(`echo: ${'),
      {
        env: environment(simulator),
        during: async () => expect((await chat.next(PATIENCE)).text).toBe('echo: hello'),
      },
    );
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each<[string, (replace: Replacements) => string]>([
    ['it', (replace) => files.programOf('docs/migrating-from-node-agent-sdk.md', 'agent.pingClock', { replace })],
    ['the alias', (replace) => files.programOf('packages/node-agent-sdk/README.md', 'new Agent', { replace })],
  ])('goes online and subscribes before, on the alias, as the page of %s shows it', async (_whose, programOf) => {
    await using simulator = await startSimulator({ tls: true });
    const authority = join(files.folder, 'authority.pem');
    writeFileSync(authority, simulator.ca ?? '');
    const { stderr } = await runProgram(
      programOf({
        'accountId: process.env.LP_ACCOUNT': `csdsDomain: process.env.LP_CSDS, accountId: process.env.LP_ACCOUNT`,
      }),
      {
        env: { ...environment(simulator), NODE_EXTRA_CA_CERTS: authority },
        during: async () => {
          await simulator.waitForRequest('SubscribeRoutingTasks', undefined, PATIENCE);
          await simulator.waitForRequest('SetAgentState', undefined, PATIENCE);
        },
      },
    );
    expect(stderr).toBe('');
  });
});

describe('the bots of the old SDK as they are written here, in docs/migrating-from-node-agent-sdk.md', () => {
  it('agent-bot: introduces the consumer, echoes, tells of a step-up though an earlier one was refused, and closes', async () => {
    await using simulator = await startSimulator({ agents });
    const chat = await simulator.consumer({ firstName: 'Ada' }).startConversation({ message: 'hello' });
    const outcome = await runProgram(files.programOf('docs/migrating-from-node-agent-sdk.md', 'watchStepUps'), {
      env: environment(simulator),
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toMatch(/^Just joined to conversation with \{.*Ada/);
        expect((await chat.next(PATIENCE)).text).toBe('echo : hello');
        const isTold = ({ frame }: { frame: unknown }) => JSON.stringify(frame).includes('stepped up');
        const said = simulator.waitForRequest('PublishEvent', isTold, PATIENCE);
        await logIn(simulator, chat.conversationId, async (known) => {
          // Which asks for a profile too.
          expect((await known.next(PATIENCE)).text).toMatch(/^Just joined/);
          simulator.faults.failRequests('GetUserProfile', 500, { ...BOT, times: 1 });
        });
        await logIn(simulator, chat.conversationId);
        await said;
        const other = await simulator.consumer().startConversation({ message: '#close please' });
        await other.closed;
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^.*500.*\n$/) });
  });

  it('greeting-bot: joins and greets, once, also where it failed in between', async () => {
    await using simulator = await startSimulator({ agents });
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    simulator.faults.failRequests('PublishEvent', 400, { ...BOT, times: 1 });
    const program = files.programOf('docs/migrating-from-node-agent-sdk.md', 'welcome from bot');
    const env = environment(simulator);
    const run = (during: () => Promise<void>) => runProgram(program, { env, during });
    const isGreeted = async (greeted: SimulatedChat) =>
      expect((await greeted.next(PATIENCE)).text).toBe('welcome from bot');
    const greetsAnother = async () => isGreeted(await simulator.consumer().startConversation({ message: 'hello' }));
    await run(async () => {
      await simulator.waitForRequest('PublishEvent', ({ text }) => text.includes('welcome'), PATIENCE);
      await greetsAnother();
    });
    await run(() => isGreeted(chat));
    // The second comes after all those of the start have been looked at.
    await run(async () => {
      await greetsAnother();
      await greetsAnother();
    });
    const greetings = chat.transcript.filter(({ text }) => text === 'welcome from bot');
    expect(greetings).toHaveLength(1);
  });

  it('close-conversation-bot: closes every conversation', async () => {
    await using simulator = await startSimulator();
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    await runProgram(files.programOf('docs/migrating-from-node-agent-sdk.md', 'closing: '), {
      env: environment(simulator),
      during: () => chat.closed,
    });
    expect(chat.state).toBe('CLOSE');
  });
});
