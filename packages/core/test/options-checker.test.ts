import { parseArgs } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, type StreamOptions, systemClock } from '@lp/core';
import { checkOptionNames, checkStreamOptions, meantFlag, nearestName, optionsChecker } from '@lp/core/internal';

interface Options {
  requestTimeoutMs?: number;
  ttlMs?: number;
  keepAlive?: object;
  csdsDomain?: string;
  insecure?: boolean;
  refreshMs?: number | false;
  onDone?: () => void;
}

function check(options: object): string | undefined {
  try {
    const checker = optionsChecker(options as Options, 'options');
    checker.durations(['requestTimeoutMs', 'ttlMs']);
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
    ['requestTimeoutSeconds', 'requestTimeoutMs'],
    ['ttl', 'ttlMs'],
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

describe('a checker of numbers and choices', () => {
  const checked = (options: { attempts?: unknown; mode?: unknown; delayMs?: unknown }) => {
    const checker = optionsChecker(options as { attempts?: number; mode?: string; delayMs?: number }, 'call');
    checker.counts(['attempts']);
    checker.oneOf('mode', ['fast', 'safe']);
    checker.durations(['delayMs'], { zero: true });
    checker.nothingElse();
  };

  it('accepts what fits', () => {
    expect(() => checked({ attempts: 1, mode: 'safe', delayMs: 0 })).not.toThrow();
    expect(() => checked({})).not.toThrow();
  });

  it.each([
    [{ attempts: 0 }, /call\.attempts must be a whole number of at least 1/],
    [{ attempts: 1.5 }, /attempts/],
    [{ attempts: '3' }, /attempts/],
    [{ attempts: 2 ** 53 }, /attempts/],
    [{ mode: 'quick' }, /call\.mode must be one of: fast, safe/],
    [{ mode: 1 }, /mode/],
    [{ delayMs: -1 }, /delayMs must be a number of milliseconds of at least 0/],
    [{ delayMs: Number.NaN }, /delayMs/],
  ])('refuses %j by name', (options, message) => {
    expect(() => checked(options)).toThrow(message);
  });
});

describe('a checker of lists and signals', () => {
  const checked = (options: object) => {
    const checker = optionsChecker(options as Partial<Record<'ids' | 'states' | 'roles' | 'signal', never>>, 'call');
    checker.lists(['ids']);
    checker.lists(['states'], { values: ['OPEN', 'CLOSE'], orOne: true });
    checker.lists(['roles'], { values: ['AGENT'], filled: true });
    checker.signals(['signal']);
    checker.nothingElse();
  };

  it('accepts what fits', () => {
    expect(() => checked({})).not.toThrow();
    expect(() => checked({ ids: [], states: 'OPEN', roles: ['AGENT'], signal: AbortSignal.abort() })).not.toThrow();
    expect(() => checked({ ids: ['1', '2'], states: ['OPEN', 'CLOSE'] })).not.toThrow();
  });

  it.each([
    [{ ids: [1] }, 'call.ids must be a list, each of it a text of at least one character'],
    [{ ids: [''] }, 'call.ids'],
    [{ ids: '1' }, 'call.ids'],
    [{ states: ['SHUT'] }, 'call.states must be a list, each of it one of: OPEN, CLOSE (or that alone)'],
    [{ states: 'SHUT' }, 'call.states'],
    [{ roles: [] }, 'call.roles must be a list that is not empty, each of it one of: AGENT'],
    [{ roles: 'AGENT' }, 'call.roles'],
    [{ signal: {} }, 'call.signal must be an AbortSignal'],
  ])('refuses %j by name', (options, message) => {
    expect(() => checked(options)).toThrow(message);
  });
});

describe('the names of options alone', () => {
  it('are checked without their values, inherited ones too', () => {
    const inherits: { signal?: unknown } = Object.create({ sginal: 1 }) as object;
    expect(() => checkOptionNames('messages', inherits, ['signal'])).toThrow(
      'messages.sginal is not an option; did you mean signal?',
    );
    expect(() => checkOptionNames('messages', { signal: 'anything' }, ['signal'])).not.toThrow();
  });

  it.each([null, undefined, 'text', 7])('are not asked of %p, which has none', (options) => {
    expect(() => checkOptionNames('messages', options as never, [])).toThrow('messages: the options must be an object');
  });

  it('of a stream are its own and those of every stream', () => {
    expect(() => checkStreamOptions('events', { capacity: 5 })).not.toThrow();
    expect(() => checkStreamOptions('events', { capcity: 5 } as object)).toThrow(/did you mean capacity\?/);
    expect(() => checkStreamOptions('events', { dialogId: 'd' } as object)).toThrow(/dialogId is not an option/);
    expect(() =>
      checkStreamOptions('events', { dialogId: 'd' } as StreamOptions & { dialogId?: string }, ['dialogId']),
    ).not.toThrow();
  });
});

describe('a flag of a command', () => {
  const FLAGS = { port: { type: 'string' }, tls: { type: 'boolean' } } as const;
  it.each([
    [['--prot', '1'], 'port'],
    [['-tsl'], undefined],
    [['--verbose'], undefined],
    [['--port'], undefined],
    [['extra'], undefined],
  ])('%j was probably meant as %p', (args, meant) => {
    let failure: unknown;
    try {
      parseArgs({ args, options: FLAGS });
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeDefined();
    expect(meantFlag(failure, Object.keys(FLAGS))).toBe(meant);
  });
});

describe('a checker of what an object can do', () => {
  const checked = (options: object) => {
    const checker = optionsChecker(options as { clock?: object; logger?: object; http?: object }, 'options');
    checker.clocks(['clock']);
    checker.loggers(['logger']);
    checker.objects(['http'], { methods: ['request'] });
    checker.nothingElse();
  };

  it('accepts clocks, loggers, false for no logger, and what has the methods', () => {
    expect(() => checked({ clock: systemClock, logger: console, http: { request() {} } })).not.toThrow();
    expect(() => checked({ logger: false })).not.toThrow();
  });

  it.each([
    [{ clock: {} }, 'options.clock must be an object with the methods now and setTimer'],
    [{ clock: { now: 5, setTimer() {} } }, 'options.clock must be an object with the methods now and setTimer'],
    [{ clock: false }, 'options.clock must be an object with the methods now and setTimer'],
    [{ logger: 'x' }, 'options.logger must be an object with the methods debug, info, warn and error, or false'],
    [{ logger: null }, 'options.logger must be an object with the methods debug, info, warn and error, or false'],
    [{ http: {} }, 'options.http must be an object with the method request'],
  ])('refuses %j and says what it must be able to do', (options, message) => {
    expect(() => checked(options)).toThrow(new ConfigError(message));
  });
});
