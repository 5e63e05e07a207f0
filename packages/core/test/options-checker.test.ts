import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { nearestName, optionsChecker } from '@lp/core/internal';

interface Options {
  requestTimeoutMs?: number;
  keepAlive?: object;
  csdsDomain?: string;
  insecure?: boolean;
  refreshMs?: number | false;
  onDone?: () => void;
}

function check(options: object): string | undefined {
  try {
    const checker = optionsChecker(options as Options, 'options');
    checker.durations(['requestTimeoutMs']);
    checker.durations(['refreshMs'], { orFalse: true });
    checker.objects(['keepAlive']);
    checker.texts(['csdsDomain']);
    checker.booleans(['insecure']);
    checker.functions(['onDone']);
    checker.nothingElse();
  } catch (error) {
    if (ConfigError.isInstance(error)) return error.message;
    throw error;
  }
  return undefined;
}

describe('a checker of options', () => {
  it('accepts what is known and fits, and undefined for the default', () => {
    expect(check({ requestTimeoutMs: 5, refreshMs: false, keepAlive: {}, csdsDomain: 'a', insecure: true })).toBe(
      undefined,
    );
    expect(check({ requestTimeoutMs: undefined, keepAlive: undefined })).toBeUndefined();
  });

  for (const [given, meant] of [
    ['requestTimeout', 'requestTimeoutMs'],
    ['requestTimeoutMS', 'requestTimeoutMs'],
    ['requsetTimeoutMs', 'requestTimeoutMs'],
    ['keepalive', 'keepAlive'],
    ['insecured', 'insecure'],
    ['csdsDomian', 'csdsDomain'],
  ] as const) {
    it(`says that ${given} was probably meant to be ${meant}`, () => {
      expect(check({ [given]: 1 })).toBe(`options.${given} is not an option; did you mean ${meant}?`);
    });
  }

  it('lists what is known where nothing is near', () => {
    expect(check({ colour: 'red' })).toMatch(/^options\.colour is not an option; known are: requestTimeoutMs, /);
  });

  it('refuses inherited names too', () => {
    expect(check(Object.create({ colour: 'red' }) as object)).toMatch(/^options\.colour is not an option/);
  });

  it('shows no name that could forge a line of a log, and never a value', () => {
    const message = check({ 'a\nfake line': 'secret' });
    expect(message).toMatch(/^a name given to options is not an option/);
    expect(message).not.toMatch(/secret|\n/);
  });

  for (const [options, message] of [
    [{ requestTimeoutMs: 0 }, 'options.requestTimeoutMs must be a number of milliseconds above 0'],
    [{ refreshMs: true }, 'options.refreshMs must be a number of milliseconds above 0, or false'],
    [{ csdsDomain: '' }, 'options.csdsDomain must be a text of at least one character'],
    [{ insecure: 'yes' }, 'options.insecure must be true or false'],
    [{ onDone: {} }, 'options.onDone must be a function'],
    [{ keepAlive: null }, 'options.keepAlive must be an object'],
  ] as const) {
    it(`says what is allowed: ${message}`, () => {
      expect(check(options)).toBe(message);
    });
  }

  it('names what is required and missing', () => {
    const checker = optionsChecker<Options>({}, 'options');
    expect(() => checker.objects(['keepAlive'], { required: true })).toThrow(
      'options.keepAlive is missing; it must be an object',
    );
  });
});

describe('the nearest name', () => {
  it('is none when nothing is near, also for a long unknown name', () => {
    expect(nearestName('zebra', ['url', 'signal'])).toBeUndefined();
    expect(nearestName('z'.repeat(10_000), ['url', 'signal'])).toBeUndefined();
  });
});
