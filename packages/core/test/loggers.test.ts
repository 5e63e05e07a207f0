import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConfigError, fieldsFirst, type Logger, withLogLevel } from '@lp/core';
import { guardLogger } from '@lp/core/internal';
import { pino } from 'pino';
import * as winston from 'winston';

type Line = Record<string, unknown>;

/** A sink that keeps each line of JSON. */
function sink(): { lines: Line[]; stream: Writable } {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line) as Line);
      done();
    },
  });
  return { lines, stream };
}

const FACTS = { closeCode: 1006, host: 'example.test', willReconnect: true, tried: ['a', 'b'] };

function write(logger: Logger): void {
  logger.debug('connecting', FACTS);
  logger.info('connected', FACTS);
  logger.warn('disconnected', FACTS);
  logger.error('closed', FACTS);
  logger.warn('without facts');
}

const TEXTS = ['connecting', 'connected', 'disconnected', 'closed', 'without facts'];

describe('a logger handed in as it is', () => {
  const toPino = (make: (root: pino.Logger) => Logger) => () => {
    const { lines, stream } = sink();
    return { lines, text: 'msg', logger: make(pino({ level: 'debug' }, stream)) };
  };
  const toWinston = (make: (root: winston.Logger) => Logger) => () => {
    const { lines, stream } = sink();
    const transports = [new winston.transports.Stream({ stream })];
    const root = winston.createLogger({ level: 'debug', format: winston.format.json(), transports });
    return { lines, text: 'message', logger: make(root) };
  };

  // verifies: logger:plain, logger:pino, logger:fields-first, logger:level
  it.each([
    ['pino', toPino((root) => root)],
    ['a child of pino', toPino((root) => root.child({ bot: 'echo' }))],
    ['a child of a child of pino', toPino((root) => root.child({ bot: 'echo' }).child({ part: 1 }))],
    ['pino behind a level', toPino((root) => withLogLevel(root, 'debug'))],
    ['pino, guarded twice', toPino((root) => guardLogger(root))],
    ['pino through the adapter', toPino((root) => fieldsFirst(root))],
    ['winston', toWinston((root) => root)],
    ['a child of winston', toWinston((root) => root.child({ bot: 'echo' }))],
  ])('%s gets the text and every fact as fields', (_name, make) => {
    const { lines, text, logger } = make();
    write(guardLogger(logger));
    expect(lines.map((line) => line[text])).toEqual(TEXTS);
    for (const line of lines.slice(0, 4)) expect(line).toMatchObject(FACTS);
  });

  it('a child of pino keeps its own bindings beside them', () => {
    const { lines, stream } = sink();
    guardLogger(pino(stream).child({ bot: 'echo' })).warn('disconnected', FACTS);
    expect(lines).toEqual([expect.objectContaining({ bot: 'echo', msg: 'disconnected', ...FACTS })]);
  });

  // verifies: logger:pino
  it('of the form of bunyan gets the facts first', () => {
    const seen: unknown[][] = [];
    const method = (...parameters: unknown[]) => void seen.push(parameters);
    const bunyan = {
      addStream: method,
      addSerializers: method,
      debug: method,
      info: method,
      warn: method,
      error: method,
    };
    guardLogger(bunyan).warn('disconnected', FACTS);
    guardLogger(bunyan).warn('without facts');
    expect(seen).toEqual([
      [FACTS, 'disconnected'],
      [{}, 'without facts'],
    ]);
  });

  // verifies: logger:plain, logger:renamed
  it('of the form of console gets the text first', () => {
    const seen: unknown[][] = [];
    const method = (...parameters: unknown[]) => void seen.push(parameters);
    guardLogger({ debug: method, info: method, warn: method, error: method }).warn('disconnected', FACTS);
    expect(seen).toEqual([['disconnected', FACTS]]);
  });

  it('is called on itself, for its methods may need that', () => {
    class Counting {
      count = 0;
      debug() {
        this.count++;
      }
      info() {
        this.count++;
      }
      warn() {
        this.count++;
      }
      error() {
        this.count++;
      }
    }
    const counting = new Counting();
    write(guardLogger(withLogLevel(counting, 'info')));
    expect(counting.count).toBe(4);
  });
});

describe('what is not a logger', () => {
  it.each([null, 'console', {}, { warn() {} }])('is refused: %j', (logger) => {
    expect(() => withLogLevel(logger as never, 'warn')).toThrow(ConfigError);
    expect(() => fieldsFirst(logger as never)).toThrow(ConfigError);
  });

  it('and a level that there is not are refused: nothing would be held back', () => {
    expect(() => withLogLevel(console, 'warning' as never)).toThrow(
      new ConfigError('withLogLevel: the level must be one of: debug, info, warn, error, off'),
    );
  });
});

describe('without a logger', () => {
  let written: string[] = [];

  beforeEach(() => {
    written = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('warnings and errors go to stderr, one line each, with their facts', () => {
    write(guardLogger(undefined));
    expect(written).toEqual([
      expect.stringMatching(
        /^\d{4}-\d\d-\d\dT[\d:.]+Z WARN @lp: disconnected \(closeCode=1006, host=example\.test, willReconnect=true, tried=a,b\)\n$/,
      ),
      expect.stringMatching(/Z ERROR @lp: closed \(.+\)\n$/),
      expect.stringMatching(/Z WARN @lp: without facts\n$/),
    ]);
  });

  it('a value with a line break or a bracket can neither end the line nor pass for another fact', () => {
    guardLogger(undefined).warn('disconnected', { reason: 'gone)\nWARN, host=evil', host: undefined });
    expect(written).toEqual([
      expect.stringMatching(/^[^\n]+ WARN @lp: disconnected \(reason="gone\)\\nWARN, host=evil"\)\n$/),
    ]);
  });

  it('an unwieldy list stays on the line too', () => {
    guardLogger(undefined).warn('left out', { places: ['a b', 'c\nd'] });
    expect(written).toEqual([expect.stringMatching(/^[^\n]+ WARN @lp: left out \(places="a b,c\\nd"\)\n$/)]);
  });

  it('a stack follows the line, indented', () => {
    guardLogger(undefined).error('code of the application failed', {
      error: 'TypeError',
      stack: 'TypeError: x\n  at y',
    });
    expect(written).toEqual([
      expect.stringMatching(
        /ERROR @lp: code of the application failed \(error=TypeError\)\n {4}TypeError: x\n {6}at y\n$/,
      ),
    ]);
  });

  it('a stderr that is closed does not end the process', async () => {
    const closed = new Error('EPIPE');
    const failed = new Promise<void>((resolve) => {
      jest.spyOn(process.stderr, 'write').mockImplementation(((_chunk: string, done: (error: Error) => void) => {
        process.nextTick(() => {
          done(closed);
          process.stderr.emit('error', closed);
          resolve();
        });
        return false;
      }) as never);
    });
    guardLogger(undefined).error('closed');
    await failed;
    expect(process.stderr.listenerCount('error')).toBe(0);
  });

  it('a stderr that throws does not reach the caller', () => {
    jest.spyOn(process.stderr, 'write').mockImplementation(() => {
      throw new Error('EBADF');
    });
    expect(() => guardLogger(undefined).error('closed')).not.toThrow();
  });
});

describe('logger: false', () => {
  it('says nothing anywhere', () => {
    const spy = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    write(guardLogger(false));
    expect(spy).not.toHaveBeenCalled();
  });

  it('that is async may fail: nobody hears of it', async () => {
    const unheard: unknown[] = [];
    const listener = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', listener);
    const fail = async () => {
      await Promise.resolve();
      throw new Error('the disk is full');
    };
    write(guardLogger({ debug: fail, info: fail, warn: fail, error: fail } as unknown as Logger));
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', listener);
    expect(unheard).toEqual([]);
  });
});
