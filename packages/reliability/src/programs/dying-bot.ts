// A bot that is killed again and again. It is started ahead of its time and waits for what it is to be, a line of JSON. At
// the point that this names it kills itself: before or after it publishes, saves, marks, or has got an answer.
import { once } from 'node:events';
import {
  type AgentOptions,
  type Conversation,
  connectAgent,
  createFileCursorStore,
  createFileDialogStore,
  createMemoryDialogStore,
  type DialogStore,
  defineData,
  type Message,
  type RequestInterceptor,
} from '@lp/agent';
import type { Life } from '../kills/life.ts';
import { FORM, PARAGRAPHS } from '../kills/scripts.ts';

const [line] = (await once(process.stdin, 'data')) as [Buffer];
process.stdin.unref();
const life = JSON.parse(line.toString()) as Life;
let points = 0;

// To a pipe, this is written when it returns: what was told is known to have happened.
const tell = (...words: readonly (string | number)[]): boolean => process.stdout.write(`${words.join(' ')}\n`);

function point(): void {
  if (++points === life.killAt) process.kill(process.pid, 'SIGKILL');
}

async function around<T>(work: () => Promise<T>): Promise<T> {
  point();
  const result = await work();
  point();
  return result;
}

const publishes: RequestInterceptor = (call, next) =>
  call.type.endsWith('PublishEvent') ? around(() => next(call)) : next(call);

/** A platform whose history keeps no ids. */
const forgets: RequestInterceptor = async (call, next) => {
  const body = await next(call);
  if (life.metadata || !call.type.endsWith('QueryMessages') || !Array.isArray(body)) return body;
  return (body as object[]).map((event) => ({ ...event, metadata: undefined }));
};

function storeOf({ store, file }: Life): Pick<AgentOptions, 'store' | 'cursors'> {
  if (store === 'cursors') return { cursors: createFileCursorStore(file) };
  const inner: DialogStore = store === 'file' ? createFileDialogStore(file) : createMemoryDialogStore();
  if (store === 'none') return {};
  return {
    store: {
      load: (key) => inner.load(key),
      save: (key, record) => around(() => inner.save(key, record)),
      delete: (key) => inner.delete(key),
    },
  };
}

const Orders = defineData({
  name: 'orders',
  version: 1,
  schema: {
    '~standard': { version: 1, vendor: 'none', validate: (value) => ({ value: value as { sequences: number[] } }) },
  },
  initial: () => ({ sequences: [] }),
});

async function takeOrders(conversation: Conversation): Promise<void> {
  await conversation.send(FORM.welcome, { key: 'welcome' });
  await conversation.ask(FORM.language, { choices: ['English', 'Deutsch'] });
  for await (const message of conversation.messages({ from: 'consumer' })) {
    if (message.text !== FORM.begin) {
      await message.reply(`echo: ${message.text}`);
      continue;
    }
    const size = await conversation.ask(FORM.size, { choices: ['Small', 'Large'] });
    point();
    const count = await conversation.ask(FORM.count, { validate: wholeNumber, retry: FORM.retry });
    point();
    const sure = await conversation.ask(`${count} × ${size}?`, { choices: ['Yes', 'No'] });
    point();
    tell('effect', message.id, count, size, sure);
    if (life.store === 'file') (await conversation.data(Orders)).sequences.push(message.sequence);
    await message.reply(FORM.done);
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number)) throw new RangeError('no whole number');
  return number;
}

async function answer(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages({ from: 'consumer' })) {
    await message.reply(({ said }) => think(message, said), { deliver: 'paragraphs' });
    tell('answered', message.id);
  }
}

/** What a language model might say: other words in each life, and the rest of what was begun. */
async function* think({ id, text }: Message, said: string): AsyncGenerator<string> {
  const begun = said === '' ? 0 : said.split('\n\n').length;
  tell('call', id, begun);
  for (let n = begun; n < PARAGRAPHS; n++) {
    const words = `${text}.${n} ${`in life ${life.number}, `.repeat(25)}`;
    for (let at = 0; at < words.length; at += 40) {
      yield words.slice(at, at + 40);
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield '\n\n';
  }
}

const agent = await connectAgent({
  ...life.connect,
  ...storeOf(life),
  interceptors: [publishes, forgets],
  firstConnect: 'retry',
  contestedWaitMs: 0,
  requestTimeoutMs: life.requestTimeoutMs,
  reconnect: {
    initialMs: 1,
    maxMs: 50,
    dialSpacingMs: 0,
    loginSpacingMs: 0,
    serverErrorDelaysMs: [20],
    rateLimitMs: 20,
  },
  logger: false,
});
await agent.setAgentState({ availability: 'ONLINE' });
tell('online');
// Every message is in hand when it is killed, over and over: none of them is to be set aside for that.
await agent.serve(life.kind === 'form' ? takeOrders : answer, { auditIntervalMs: false, maxAttempts: 10_000 });
