import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createDeferred } from '@lp/core/internal';
import { type Simulator, startSimulator } from '@lp/simulator';
import { answers, LONGEST_MS, PATIENCE, runExample } from './support.ts';

jest.setTimeout(LONGEST_MS);

const FIRST = 'One. '.repeat(50).trim();
const SECOND = 'Two. '.repeat(50).trim();

/** What the model is asked, in the protocol that most services speak. */
interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

let simulator: Simulator;
let service: Server;
let env: Record<string, string>;
let asked: Asked[];
/** What the service does with the n-th request. */
let answer: (response: ServerResponse, n: number) => void;

beforeEach(async () => {
  simulator = await startSimulator();
  asked = [];
  service = createServer((request, response) => void receive(request, response));
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  env = { LLM_BASE_URL: `http://127.0.0.1:${port}/v1`, LLM_MODEL: 'small', LLM_API_KEY: 'key' };
});

afterEach(async () => {
  await simulator.close();
  service.closeAllConnections();
  service.close();
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  asked.push(JSON.parse(Buffer.concat(chunks).toString()) as Asked);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  answer(response, asked.length);
}

/** Sends a text as the service's stream has it, word by word. */
function stream(response: ServerResponse, text: string): void {
  for (const content of text.split(/(?<= )/)) {
    const choices = [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }];
    response.write(`data: ${JSON.stringify({ id: 'x', created: 1, model: 'small', choices })}\n\n`);
  }
}

function finish(response: ServerResponse): void {
  const choices = [{ index: 0, delta: {}, finish_reason: 'stop' }];
  response.end(`data: ${JSON.stringify({ id: 'x', created: 1, model: 'small', choices })}\n\ndata: [DONE]\n\n`);
}

describe('the bot of a language model', () => {
  it('says each paragraph once another has begun, and tells the model what was said before', async () => {
    const chat = await simulator.consumer().startConversation({ message: 'Which one?' });
    const goOn = createDeferred<void>();
    answer = (response) => {
      stream(response, `${FIRST}\n\n${SECOND}`);
      void goOn.promise.then(() => finish(response));
    };
    const outcome = await runExample(simulator, 'llm-bot', {
      env,
      during: async () => {
        await chat.waitForEvent(({ event }) => event['chatState'] === 'COMPOSING', PATIENCE);
        expect((await chat.next(PATIENCE)).text).toBe(FIRST);
        goOn.resolve();
        expect((await chat.next(PATIENCE)).text).toBe(SECOND);
        await chat.say('And then?');
        expect((await chat.next(PATIENCE)).text).toBe(FIRST);
        expect((await chat.next(PATIENCE)).text).toBe(SECOND);
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    const talk = asked[1]?.messages.filter(({ role }) => role !== 'system').map(({ role, content }) => [role, content]);
    expect(talk).toEqual([
      ['user', 'Which one?'],
      ['assistant', FIRST],
      ['assistant', SECOND],
      ['user', 'And then?'],
    ]);
  });

  it('leaves the rest when the consumer writes again, and stops the model', async () => {
    const chat = await simulator.consumer().startConversation({ message: 'Which one?' });
    const stopped = createDeferred<void>();
    answer = (response, n) => {
      stream(response, n === 1 ? `${FIRST}\n\n${SECOND}` : 'The other one.');
      if (n > 1) finish(response);
      else response.once('close', stopped.resolve);
    };
    const outcome = await runExample(simulator, 'llm-bot', {
      env,
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toBe(FIRST);
        await chat.say('No, the other one');
        await stopped.promise;
        expect((await chat.next(PATIENCE)).text).toBe('The other one.');
      },
    });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(answers(chat)).toEqual([FIRST, 'The other one.']);
  });

  it('goes on after what was said when the model fails in the middle', async () => {
    const chat = await simulator.consumer().startConversation({ message: 'Which one?' });
    const said = createDeferred<void>();
    answer = (response, n) => {
      stream(response, n === 1 ? `${FIRST}\n\n${SECOND.slice(0, 20)}` : SECOND);
      if (n > 1) finish(response);
      else void said.promise.then(() => response.destroy());
    };
    await runExample(simulator, 'llm-bot', {
      env,
      during: async () => {
        expect((await chat.next(PATIENCE)).text).toBe(FIRST);
        said.resolve();
        expect((await chat.next(PATIENCE)).text).toBe(SECOND);
      },
    });
    expect(answers(chat)).toEqual([FIRST, SECOND]);
    expect(asked[1]?.messages.slice(-2)).toEqual([
      { role: 'assistant', content: FIRST },
      { role: 'user', content: 'Go on after your last word.' },
    ]);
  });
});
