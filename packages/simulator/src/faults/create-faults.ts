import { ConfigError } from '@lp/core';
import { checkOptionNames, nearestName, optionsChecker } from '@lp/core/internal';
import type { AgentDirectory } from '../platform/agents.ts';
import type { AgentSessions } from '../platform/sessions.ts';
import { isRequestName, REQUEST_NAMES } from '../wire.ts';
import type { Session } from '../ws/session.ts';
import type { Faults, FaultTarget } from './faults.ts';
import type { FaultOptions, FaultRules } from './rules.ts';

export interface FaultsPort {
  readonly rules: FaultRules;
  readonly sessions: Iterable<Session>;
  readonly agents: AgentDirectory;
  readonly logins: AgentSessions;
  /** Cuts all connections and refuses new ones, or takes them again. */
  setDown(down: boolean): void;
  isDown(): boolean;
  releaseHanging(): void;
}

/** The options of all faults together; each takes some. */
interface AnyOptions extends FaultOptions {
  window?: number;
  sockets?: 'close' | 'drop' | 'keep';
  text?: string;
  retryAfter?: string;
}

type OptionNames = readonly (keyof AnyOptions)[];

const NOW: OptionNames = ['agent'];
const LASTING: OptionNames = ['agent', 'share', 'times'];
// Who asks is not known yet, or does not matter.
const FOR_ALL: OptionNames = ['share', 'times'];
const MAX_REASON_BYTES = 123;
/** What is printable, in one line. */
const HEADER = /^[\x20-\x7e]*$/;

export function createFaults(port: FaultsPort): Faults {
  const { rules } = port;
  const frozen = new Set<Session>();

  /** A fault with a slip in it would never strike, or strike others, and whoever tests with it would see nothing but success. */
  function check(fault: keyof Faults, names: OptionNames, options: AnyOptions = {}): AnyOptions {
    checkOptionNames(fault, options, names);
    const checker = optionsChecker(options, fault);
    checker.some(['share'], 'a number above 0 and at most 1', isShare);
    checker.some(['times'], 'a whole number of at least 1', (times) => times === Infinity || isWhole(times, 1));
    checker.some(['window'], 'a whole number of at least 2', (window) => isWhole(window, 2));
    checker.oneOf('sockets', ['close', 'drop', 'keep']);
    if (Array.isArray(options)) throw new ConfigError(`${fault}: the options must be an object`);
    checker.some(['text'], 'a text', (text) => typeof text === 'string');
    checker.some(
      ['retryAfter'],
      'a text that a header can hold',
      (text) => typeof text === 'string' && HEADER.test(text),
    );
    const { agent } = options;
    if (agent !== undefined && !port.agents.byUsername(agent)) {
      throw new ConfigError(`${fault}.agent: no agent has this username`);
    }
    return options;
  }

  function open({ agent }: FaultTarget): Session[] {
    return [...port.sessions].filter((s) => s.kind === 'agent' && (agent === undefined || s.username === agent));
  }

  return {
    dropAll: (target) => open(check('dropAll', NOW, target)).forEach((session) => session.terminate()),
    closeWith(code, reason, target) {
      checkClose(code, reason);
      for (const session of open(check('closeWith', NOW, target))) session.close(code, reason);
    },
    freeze(target) {
      for (const session of open(check('freeze', NOW, target))) {
        frozen.add(session);
        session.freeze();
      }
    },
    delay: (ms, options) => rules.add('delay', checkMs('delay', ms), check('delay', LASTING, options)),
    lateAnswers: (ms, options) =>
      rules.add('lateResponse', checkMs('lateAnswers', ms), check('lateAnswers', LASTING, options)),
    dropAnswers: (type, options) =>
      rules.add('silence', 0, check('dropAnswers', LASTING, options), { type: checkType('dropAnswers', type) }),
    duplicate: (options) => rules.add('duplicate', 2, check('duplicate', LASTING, options)),
    reorder(given) {
      const { window = 4, ...options } = check('reorder', [...LASTING, 'window'], given);
      rules.add('reorder', window, options);
    },
    corrupt: (options) => rules.add('corrupt', 0, check('corrupt', LASTING, options)),
    loseNotifications: (options) => rules.add('lose', 0, check('loseNotifications', LASTING, options)),
    omitLastContentEvent: (options) => rules.add('omitLastContent', 0, check('omitLastContentEvent', FOR_ALL, options)),
    expireToken(options) {
      const { sockets = 'close', ...target } = check('expireToken', [...NOW, 'sockets'], options);
      const affected = open(target);
      for (const agent of port.agents.all) {
        if (target.agent === undefined || agent.account.username === target.agent) port.logins.revoke(agent);
      }
      if (sockets === 'close') for (const session of affected) session.close(4401, 'identity token has expired');
      if (sockets === 'drop') for (const session of affected) session.terminate();
    },
    failLogin(status, given) {
      const { retryAfter, ...options } = check('failLogin', [...FOR_ALL, 'retryAfter'], given);
      rules.add('failLogin', checkStatus(status), options, { text: retryAfter });
    },
    failRequests(type, code, given) {
      const { text, ...options } = check('failRequests', [...LASTING, 'text'], given);
      rules.add('failRequest', checkStatus(code), options, { type: checkType('failRequests', type), text });
    },
    failUpgrade: (status, options) =>
      rules.add('failUpgrade', checkStatus(status), check('failUpgrade', LASTING, options)),
    hangUpgrade: (options) => rules.add('hangUpgrade', 0, check('hangUpgrade', LASTING, options)),
    csdsDown(status = 503, given) {
      const { retryAfter, ...options } = check('csdsDown', [...FOR_ALL, 'retryAfter'], given);
      rules.add('failCsds', checkStatus(status), options, { text: retryAfter });
    },
    slowReads: (ms = 20, options) =>
      rules.add('slowReads', checkMs('slowReads', ms), check('slowReads', LASTING, options)),
    down: () => port.setDown(true),
    clear() {
      rules.clear();
      for (const session of port.sessions) session.letGo();
      for (const session of frozen) session.thaw();
      frozen.clear();
      port.releaseHanging();
      port.setDown(false);
    },
  };
}

const isShare = (value: unknown): boolean => typeof value === 'number' && value > 0 && value <= 1;
const isWhole = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && Number(value) >= least;

function checkStatus(status: number): number {
  if (!Number.isInteger(status) || status < 400 || status > 599) throw new ConfigError('the status must be 400 to 599');
  return status;
}

function checkMs(fault: keyof Faults, ms: number): number {
  if (!(Number.isFinite(ms) && ms >= 0)) throw new ConfigError(`${fault}: ms must be a number of at least 0`);
  return ms;
}

/** What is no request that the simulator knows is refused by it anyway. */
function checkType(fault: keyof Faults, type: string): string {
  if (typeof type !== 'string') throw new ConfigError(`${fault}: the type of the requests must be a text`);
  if (isRequestName(type)) return type;
  const meant = nearestName(type.replace(/.*\./, ''), REQUEST_NAMES);
  const hint = meant === undefined ? `known are: ${REQUEST_NAMES.join(', ')}` : `did you mean ${meant}?`;
  throw new ConfigError(`${fault}: there are no requests of this type; ${hint}`);
}

function checkClose(code: number, reason: string | undefined): void {
  const isSendable = (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);
  if (!Number.isInteger(code) || !isSendable) {
    throw new ConfigError(
      'closeWith: the code must be one that can be sent: 1000 to 1014 but 1004 to 1006, or 3000 to 4999',
    );
  }
  if (reason !== undefined && (typeof reason !== 'string' || Buffer.byteLength(reason) > MAX_REASON_BYTES)) {
    const rule = `must be a text of at most ${MAX_REASON_BYTES} bytes; whom to close comes third`;
    throw new ConfigError(`closeWith: the reason ${rule}`);
  }
}
