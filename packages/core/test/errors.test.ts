import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as core from '@lp/core';
import { readable, stackOf, thrownError, toError } from '@lp/core/internal';

const make = {
  ConfigError: () => new core.ConfigError('x'),
  NotConnectedError: () => new core.NotConnectedError('x'),
  ConnectionLostError: () => new core.ConnectionLostError('x'),
  OutcomeUnknownError: () => new core.OutcomeUnknownError('x'),
  RequestTimeoutError: () => new core.RequestTimeoutError('x'),
  RequestRejectedError: () => new core.RequestRejectedError({ status: 400, type: 'T' }),
  ClosedError: () => new core.ClosedError('x'),
  DrainingError: () => new core.DrainingError('x'),
  SlowConsumerError: () => new core.SlowConsumerError('x'),
  OutboxFullError: () => new core.OutboxFullError('x'),
  ProtocolError: () => new core.ProtocolError('x'),
  AuthError: () => new core.AuthError('x'),
  InvalidCredentialsError: () => new core.InvalidCredentialsError('x'),
  SessionExpiredError: () => new core.SessionExpiredError('x'),
  DomainLookupError: () => new core.DomainLookupError('x'),
  FencedError: () => new core.FencedError('x'),
  NotInConversationError: () => new core.NotInConversationError('x'),
  NoAnswerError: () => new core.NoAnswerError('x', { reason: 'timeout' }),
  HandlerKilledError: () => new core.HandlerKilledError('x', { attempts: 5 }),
} satisfies Record<string, () => core.LpError>;

const isErrorClass = (value: unknown): value is typeof core.LpError =>
  typeof value === 'function' && (value === core.LpError || value.prototype instanceof Error);

const classes = new Map(
  Object.entries(core).filter(([, value]) => isErrorClass(value)) as [string, typeof core.LpError][],
);

describe('the error tree', () => {
  it('has an example here of every exported class', () => {
    const exported = [...classes.keys()].filter((name) => name !== 'LpError');
    expect(exported.toSorted()).toEqual(Object.keys(make).toSorted());
  });

  // verifies: error-field:code
  // verifies: error:fenced
  it.each(Object.entries(make))('%s is known by its class, its name and its own code', (name, create) => {
    const error = create();
    const Class = classes.get(name) as typeof core.LpError;
    expect(error).toBeInstanceOf(Class);
    expect(Class.isInstance(error)).toBe(true);
    expect(core.LpError.isInstance(error)).toBe(true);
    expect(error.name).toBe(name);
    expect(error.code).toMatch(/^[A-Z_]+$/);
    const others = Object.entries(make).filter(([other]) => other !== name);
    expect(others.map(([, other]) => (other() as core.LpError).code)).not.toContain(error.code);
    const below = name === 'AuthError' ? ['InvalidCredentialsError', 'SessionExpiredError'] : [];
    for (const [other, createOther] of others) expect(Class.isInstance(createOther())).toBe(below.includes(other));
  });

  it('is recognised across two copies of the package', async () => {
    const built = new URL('../dist/index.js', import.meta.url).href;
    const copy = (await import(built)) as typeof core;
    expect(copy.ConfigError).not.toBe(core.ConfigError);
    expect(core.ConfigError.isInstance(new copy.ConfigError('x'))).toBe(true);
    expect(new copy.SessionExpiredError('x')).toBeInstanceOf(core.AuthError);
    expect(new copy.ConfigError('x') instanceof core.ClosedError).toBe(false);
  });

  it("does not take a base class's error for one of a user's subclass", () => {
    class Mine extends core.ConfigError {}
    expect(new Mine('x')).toBeInstanceOf(Mine);
    expect(new core.ConfigError('x') instanceof Mine).toBe(false);
    expect(Mine.isInstance(new core.ConfigError('x'))).toBe(false);
    expect(new Mine('x')).toBeInstanceOf(core.ConfigError);
  });

  it.each([null, undefined, 1, 'text', {}, new Error('x')])('does not take %p for one of its own', (value) => {
    expect(core.LpError.isInstance(value)).toBe(false);
  });

  // verifies: error-field:context, error-field:cause
  it('keeps the cause and the safe context', () => {
    const cause = new Error('below');
    const error = new core.ConnectionLostError('lost', { cause, context: { attempt: 3 } });
    expect(error.cause).toBe(cause);
    expect(error.context).toEqual({ attempt: 3 });
    expect('cause' in new core.ConnectionLostError('lost')).toBe(false);
  });

  // verifies: error-field:retryable
  it('says which failures may pass by themselves', () => {
    const retryable = Object.entries(make).filter(([, create]) => (create() as core.LpError).retryable);
    expect(retryable.map(([name]) => name)).toEqual(['NotConnectedError', 'ConnectionLostError', 'OutboxFullError']);
    const status = (code: number) => new core.RequestRejectedError({ status: code, type: 'T' }).retryable;
    expect([400, 401, 404, 429, 500, 503].map(status)).toEqual([false, false, false, true, true, true]);
  });

  it('tells what was sent and what was not', () => {
    expect(new core.ConnectionLostError('x').sent).toBe(false);
    expect(new core.OutcomeUnknownError('x').sent).toBe(true);
  });
});

describe('a rejected request', () => {
  const error = new core.RequestRejectedError({ status: 400, type: 'T', body: 'secret text', hint: 'join first' });

  // verifies: error:rejected
  it('carries status, type and the body', () => {
    expect(error).toMatchObject({ status: 400, type: 'T', body: 'secret text' });
    expect(error.message).toBe('the server rejected T with 400: join first');
  });

  // verifies: error:rejected
  it('names the conversation, before the hint where there is one', () => {
    const about = (hint?: string) =>
      new core.RequestRejectedError(
        { status: 500, type: 'T', ...(hint !== undefined && { hint }) },
        { context: { conversationId: 'c' } },
      );
    expect(about().message).toBe('the server rejected T with 500 (conversation c)');
    expect(about('join first').message).toBe('the server rejected T with 500 (conversation c): join first');
  });

  // verifies: error:rejected, shown:body
  it('prints without the body', () => {
    const printed = [
      error.message,
      error.stack,
      String(error),
      JSON.stringify(error),
      inspect(error, { depth: 9, showHidden: true }),
    ];
    expect(printed.join('\n')).not.toContain('secret text');
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'RequestRejectedError',
      code: 'REQUEST_REJECTED',
      message: error.message,
      retryable: false,
      context: { status: 400, type: 'T' },
    });
  });
});

describe('toError', () => {
  it('passes errors on and names anything else by its kind only', () => {
    const error = new TypeError('x');
    expect(toError(error)).toBe(error);
    expect(toError('token-in-text').message).not.toContain('token');
    expect(inspect(toError('token-in-text'))).not.toContain('token-in-text');
    expect(toError(null).message).toContain('null');
  });
});

describe('what cannot be read', () => {
  const failing = () => {
    throw new Error('unreadable');
  };
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();

  it.each([
    ['a message', Object.defineProperty(new Error('x'), 'message', { get: failing })],
    ['a stack', Object.defineProperty(new Error('x'), 'stack', { get: failing })],
    ['a name', Object.defineProperty(new Error('x'), 'name', { value: Symbol('name') })],
    ['a proxy', new Proxy({}, { get: failing, has: failing, getPrototypeOf: failing })],
    ['a revoked proxy', revoked],
    ['a code', Object.defineProperty(new Error('x'), 'code', { get: failing })],
  ])('becomes an error that can: %s', (_, value) => {
    const { name, message, stack, code, context } = readable(value) as core.LpError;
    expect([name, message, stack, code, context]).toHaveLength(5);
    for (const { name, message, stack } of [toError(value), thrownError(value)]) {
      expect([typeof name, typeof message, typeof stack]).toEqual(['string', 'string', 'string']);
    }
    expect(core.LpError.isInstance(value)).toBe(false);
  });

  it('is left out, the rest is kept', () => {
    expect(toError(Object.defineProperty(new Error('kept'), 'stack', { get: failing })).message).toBe('kept');
  });
});

describe('what the code of the application threw', () => {
  it('is told with its text, or the message it has', () => {
    expect(thrownError('a text').message).toBe('a text');
    expect(thrownError({ message: 'of an object' }).message).toBe('of an object');
    expect(thrownError(undefined).message).toBe('something that is not an Error was thrown: undefined');
  });

  it('is told with the facts of a plain object, but for those that may be secrets', () => {
    const thrown = { status: 503, error: 'overloaded', busy: true, apiKey: 'hush', Authorization: 'hush', config: {} };
    expect(thrownError(thrown).message).toBe(
      'something that is not an Error was thrown: { status: 503, error: "overloaded", busy: true }',
    );
    class Own {
      readonly text = 'of a consumer';
    }
    for (const other of [new Own(), [1], {}, { token: 'hush' }, new Map()]) {
      expect(thrownError(other).message).toBe('something that is not an Error was thrown: object');
    }
    expect(thrownError({ error: 'x'.repeat(1_000) }).message.length).toBeLessThan(300);
  });
});

describe('the stack of what the code of the application threw', () => {
  it('is followed by those of its causes, and of what it is made of', () => {
    const cause = new Error('the database is down', { cause: 'no route' });
    const error = new AggregateError([new Error('model A'), { status: 503 }], 'all failed', { cause });
    const lines = stackOf(error).split('\n');
    expect(lines.filter((line) => !/^ +at /.test(line))).toEqual([
      'AggregateError: all failed',
      'one of several: Error: model A',
      'one of several: something that is not an Error was thrown: { status: 503 }',
      'caused by: Error: the database is down',
      'caused by: no route',
    ]);
    expect(lines.filter((line) => line.includes('errors.test.ts')).length).toBeGreaterThanOrEqual(3);
  });

  it('ends at an error of these packages, and with the tenth', () => {
    const own = new core.NotConnectedError('no way', { cause: new Error('hush') });
    expect(stackOf(new Error('x', { cause: own }))).toContain('caused by: NotConnectedError: no way');
    expect(stackOf(new Error('x', { cause: own }))).not.toContain('hush');
    const many = new AggregateError(Array.from({ length: 100 }, (_, n) => new Error(`number ${n}`)));
    expect(stackOf(many)).toContain('number 8');
    expect(stackOf(many)).not.toContain('number 9');
  });

  it('is given for an error that leads to itself, and for one that cannot be read', () => {
    const circle = new Error('round');
    circle.cause = circle;
    expect(stackOf(circle)).not.toContain('caused by');
    const unreadable = Object.defineProperty(new Error('kept'), 'cause', {
      get: () => {
        throw new Error('no');
      },
    });
    expect(stackOf(unreadable)).toContain('kept');
  });
});
