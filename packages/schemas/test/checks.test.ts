import { describe, expect, it, jest } from '@jest/globals';
import * as z from 'zod';
import { compileChecksWith, isValid } from '../src/checks.ts';
import { compileCheck } from '../src/compile-check.ts';
import { decodeNotification } from '../src/index.ts';

const MANY = 200;
const aSchema = () => z.looseObject({ id: z.string(), list: z.array(z.looseObject({ n: z.number().optional() })) });

describe('checks of often used schemas', () => {
  it('say the same before and after the schema is compiled', () => {
    const compile = jest.fn(compileCheck);
    compileChecksWith(compile);
    const schema = aSchema();
    for (let use = 0; use < MANY; use++) {
      expect(isValid(schema, { id: 'a', list: [{ n: 1, more: true }], more: 1 })).toBe(true);
      expect(isValid(schema, { id: 'a', list: [{ n: '1' }] })).toBe(false);
      expect(isValid(schema, { id: 1, list: [] })).toBe(false);
      expect(isValid(schema, null)).toBe(false);
    }
    expect(compile).toHaveBeenCalledTimes(1);
  });

  it('go on by the schema itself where code must not be generated', () => {
    compileChecksWith(undefined);
    const schema = aSchema();
    for (let use = 0; use < MANY; use++) {
      expect(isValid(schema, { id: 'a', list: [] })).toBe(true);
      expect(isValid(schema, { id: 'a', list: [1] })).toBe(false);
    }
  });

  it('do not compile a schema that is used now and then', () => {
    const compile = jest.fn(compileCheck);
    compileChecksWith(compile);
    const schema = aSchema();
    for (let use = 0; use < 10; use++) isValid(schema, { id: 'a', list: [] });
    expect(compile).not.toHaveBeenCalled();
  });

  it('compile at once for the first notification that tells of many, which is as many uses', () => {
    const compile = jest.fn(compileCheck);
    compileChecksWith(compile);
    const change = { type: 'UPSERT', result: { convId: 'c', conversationDetails: { state: 'OPEN' } } };
    const tell = (count: number) =>
      decodeNotification({
        type: '.ams.aam.ExConversationChangeNotification',
        body: { subscriptionId: 's', changes: Array.from({ length: count }, () => change) },
      });
    tell(10);
    expect(compile).not.toHaveBeenCalled();
    expect(tell(100)).toMatchObject({ known: true, invalid: [] });
    expect(compile).toHaveBeenCalledTimes(1);
    tell(100);
    expect(compile).toHaveBeenCalledTimes(1);
  });

  it('leave out a bad item and keep the others whole however often the type came before', () => {
    compileChecksWith(compileCheck);
    const good = {
      dialogId: 'd',
      sequence: 1,
      event: { type: 'ContentEvent', contentType: 'text/plain', message: 'a' },
      x: { y: 1 },
    };
    const body = { dialogId: 'd', changes: [good, { ...good, sequence: {} }] };
    for (let use = 0; use < MANY; use++) {
      decodeNotification({ type: 'ms.MessagingEventNotification', body: { changes: [good] } });
      expect(decodeNotification({ type: 'ms.MessagingEventNotification', body })).toMatchObject({
        body: { dialogId: 'd', changes: [good] },
        invalid: [{ issues: [{ path: 'changes.1.sequence', expected: 'number' }] }],
      });
    }
  });
});
