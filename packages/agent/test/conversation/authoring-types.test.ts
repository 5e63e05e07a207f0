import { describe, expect, it } from '@jest/globals';
import { type Conversation, type DataDefinition, defineData, type Message, type StandardSchema } from '@lp/agent';
import { type } from 'arktype';
import * as v from 'valibot';
import * as z from 'zod';
import { button, card, type QuickRepliesInput, quickReplies } from '../../src/content.ts';
import { validate } from '../../src/conversation/validation.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only for true: what is tested here is tested by the compiler. */
const holds = <_T extends true>(): true => true;

const said = (text: string) => ({ text }) as Message;

const Count = {
  zod: z.coerce.number<string>().int('A whole number, please.'),
  valibot: v.pipe(v.string(), v.transform(Number), v.integer('A whole number, please.')),
  arktype: type('string.integer.parse'),
};

describe('a schema of any library of Standard Schema', () => {
  it.each(Object.entries(Count) as [string, StandardSchema<number>][])(
    'checks an answer and turns it into what it gives: %s',
    async (_name, schema) => {
      expect(await validate(schema, said('2'))).toEqual({ value: 2 });
      expect(await validate(schema, said('some'))).toEqual({ issue: expect.stringMatching(/./) });
    },
  );

  it('names the type of what a question gives', () => {
    const asks = {
      zod: (one: Conversation) => one.ask('?', { validate: Count.zod }),
      valibot: (one: Conversation) => one.ask('?', { validate: Count.valibot }),
      arktype: (one: Conversation) => one.ask('?', { validate: Count.arktype }),
      late: (one: Conversation) => one.ask('?', { validate: async (text) => ({ text }) }),
      mail: (one: Conversation) => one.ask('?', { validate: v.pipe(v.string(), v.email()), retry: 'No address.' }),
      choice: (one: Conversation) => one.ask('?', { choices: ['S', 'M'] }),
      text: (one: Conversation) => one.ask('?'),
    };
    type Given = { [Name in keyof typeof asks]: Awaited<ReturnType<(typeof asks)[Name]>> };
    type Wanted = {
      zod: number;
      valibot: number;
      arktype: number;
      late: { text: string };
      mail: string;
      choice: 'S' | 'M';
      text: string;
    };
    expect(holds<Equal<Given, Wanted>>()).toBe(true);
    const wrong = [
      // @ts-expect-error 'L' is none of the choices
      (one: Conversation): Promise<'L'> => one.ask('?', { choices: ['S', 'M'] }),
      // @ts-expect-error an option that there is not
      (one: Conversation) => one.ask('?', { timeout: 5 }),
      // @ts-expect-error a schema gives a number
      (one: Conversation): Promise<string> => one.ask('?', { validate: Count.arktype }),
    ];
    expect(wrong).toHaveLength(3);
  });

  it('names the type of what is remembered, and of what it begins with', () => {
    const carts = {
      zod: defineData({ name: 'a', version: 1, schema: z.object({ n: z.number() }), initial: () => ({ n: 0 }) }),
      valibot: defineData({ name: 'b', version: 1, schema: v.object({ n: v.number() }), initial: () => ({ n: 0 }) }),
      arktype: defineData({ name: 'c', version: 1, schema: type({ n: 'number' }), initial: () => ({ n: 0 }) }),
    };
    type Cart = DataDefinition<{ n: number }>;
    expect(holds<Equal<typeof carts, { zod: Cart; valibot: Cart; arktype: Cart }>>()).toBe(true);
    const wrong = () =>
      // @ts-expect-error it begins with another type than the schema has
      defineData({ name: 'd', version: 1, schema: v.object({ n: v.number() }), initial: () => ({ n: '0' }) });
    expect(wrong).not.toThrow();
  });
});

describe('buttons', () => {
  it('need no `as const`, wherever the list comes from', () => {
    const titles = ['Yes', 'No'];
    const replies = [{ title: 'Yes', id: 'yes' }, { title: 'No' }];
    const given: QuickRepliesInput[] = [titles, replies, quickReplies(titles), [...titles, ...replies]];
    const sends = (one: Conversation, message: Message) => [
      one.send('?', { quickReplies: titles }),
      one.ask('?', { quickReplies: replies }),
      one.sendRichContent(card({ title: 'Blue', buttons: titles.map((title) => button(title)) })),
      message.reply('?', { quickReplies: replies }),
    ];
    // @ts-expect-error a reply has a title
    const wrong: QuickRepliesInput = [{ text: 'Yes' }];
    expect([...given, sends, wrong]).toHaveLength(6);
  });
});
