import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Agent } from '@lp/agent';
import { WebSocket } from 'ws';
import { Inbox } from '../../src/conversation/inbox.ts';
import { accepted, startOnline, type TestPlatform } from '../support/platform.ts';

const tour = readFileSync(new URL('../../../../docs/architecture.md', import.meta.url), 'utf8');
const [, inbound = '', outbound = ''] =
  /files in, each([\s\S]*)Six files out:([\s\S]*)\nWhat puts the steps together/.exec(tour) ?? [];
const [, wiring = ''] = /\nWhat puts the steps together([^\n]*)/.exec(tour) ?? [];

/** The files that a part of the tour leads through, in order. */
const steps = (part: string) => [...part.matchAll(/\]\(\.\.\/packages\/([^)]+)\)/g)].map(([, file = '']) => file);

/** The files of the packages that the present call has come through, the first caller first. */
function filesOfStack(): string[] {
  const files = [...(new Error().stack ?? '').matchAll(/packages\/([a-z-]+\/src\/[\w./-]+\.ts)/g)];
  return files.map(([, file = '']) => file).toReversed();
}

/** Tells of each call of a method, which then does what it does, until the test is over. */
function atEachCall(kind: object, name: string, tell: (given: unknown[]) => void): void {
  const real = Object.getOwnPropertyDescriptor(kind, name) as PropertyDescriptor & { value: () => unknown };
  function told(this: unknown, ...given: unknown[]): unknown {
    tell(given);
    return Reflect.apply(real.value, this, given);
  }
  Object.defineProperty(kind, name, { ...real, value: told });
  restore = () => void Object.defineProperty(kind, name, real);
}

const nameOf = (file: string) => file.slice(file.lastIndexOf('/') + 1);

let platform: TestPlatform;
let agent: Agent;
const depth = Error.stackTraceLimit;
let restore: () => void;

beforeEach(async () => {
  ({ agent, platform } = await startOnline());
  Error.stackTraceLimit = 100;
});

afterEach(async () => {
  Error.stackTraceLimit = depth;
  restore();
  await platform[Symbol.asyncDispose]();
});

describe('the tour of the code', () => {
  it('names every file between the socket and the message, in order', async () => {
    const { chat, conversation } = await accepted(platform, agent);
    const messages = conversation.messages()[Symbol.asyncIterator]();
    await chat.say('first');
    await messages.next();
    let files: string[] = [];
    atEachCall(Inbox.prototype, 'toItem', () => {
      files = filesOfStack();
    });
    await chat.say('live');
    await messages.next();
    const passed = [...new Set(files)];
    expect(passed.filter((file) => !(inbound + wiring).includes(nameOf(file)))).toEqual([]);
    expect(passed.filter((file) => steps(inbound).includes(file))).toEqual(steps(inbound).slice(0, 4));
  });

  it('names every file between reply() and the socket, in order', async () => {
    const { chat, conversation } = await accepted(platform, agent, { message: 'hi' });
    const messages = conversation.messages()[Symbol.asyncIterator]();
    const { value: message } = await messages.next();
    let files: string[] = [];
    atEachCall(WebSocket.prototype, 'send', (given) => {
      const stack = filesOfStack();
      if (String(given[0]).includes('"said once"') && stack.some((file) => file.startsWith('agent/'))) files = stack;
    });
    await message?.reply('said once');
    expect((await chat.next()).text).toBe('said once');
    const passed = [...new Set(files)].filter((file) => !/transport\/src\/socket/.test(file));
    expect(passed.filter((file) => !(outbound + wiring).includes(nameOf(file)))).toEqual([]);
    expect(passed.filter((file) => steps(outbound).includes(file))).toEqual(steps(outbound));
  });
});
