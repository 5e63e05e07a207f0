import { ConfigError } from '@lp/core';
import { checkOptionNames } from '@lp/core/internal';
import type { AgentDirectory } from '../platform/agents.ts';
import type { AgentSessions } from '../platform/sessions.ts';
import type { Session } from '../ws/session.ts';
import type { Faults, FaultTarget } from './faults.ts';
import type { FaultRules } from './rules.ts';

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

export function createFaults(port: FaultsPort): Faults {
  const { rules } = port;
  const frozen = new Set<Session>();

  function targets(target: FaultTarget = {}): Session[] {
    checkOptionNames('faults', target, ['agent']);
    const { agent } = target;
    if (agent !== undefined && !port.agents.byUsername(agent)) throw new ConfigError('no agent has this username');
    return [...port.sessions].filter((s) => s.kind === 'agent' && (agent === undefined || s.username === agent));
  }

  return {
    dropAll: (target) => targets(target).forEach((session) => session.terminate()),
    closeWith: (code, reason, target) => targets(target).forEach((session) => session.close(code, reason)),
    freeze(target) {
      for (const session of targets(target)) {
        frozen.add(session);
        session.freeze();
      }
    },
    delay: (ms, options) => rules.add('delay', ms, options),
    lateAnswers: (ms, options) => rules.add('lateResponse', ms, options),
    dropAnswers: (type, options) => rules.add('silence', 0, options, { type }),
    duplicate: (options) => rules.add('duplicate', 2, options),
    reorder: ({ window = 4, ...options } = {}) => {
      if (!(window >= 2)) throw new ConfigError('window must be at least 2');
      rules.add('reorder', window, options);
    },
    corrupt: (options) => rules.add('corrupt', 0, options),
    loseNotifications: (options) => rules.add('lose', 0, options),
    omitLastContentEvent: (options) => rules.add('omitLastContent', 0, options),
    expireToken({ sockets = 'close', ...target } = {}) {
      const open = targets(target);
      for (const agent of port.agents.all) {
        if (target.agent === undefined || agent.account.username === target.agent) port.logins.revoke(agent);
      }
      if (sockets === 'close') for (const session of open) session.close(4401, 'identity token has expired');
      if (sockets === 'drop') for (const session of open) session.terminate();
    },
    failLogin: (status, { retryAfter, ...options } = {}) =>
      rules.add('failLogin', checkStatus(status), options, retryAfter === undefined ? {} : { text: retryAfter }),
    failRequests(type, code, { text, ...options } = {}) {
      rules.add('failRequest', checkStatus(code), options, text === undefined ? { type } : { type, text });
    },
    failUpgrade: (status, options) => rules.add('failUpgrade', checkStatus(status), options),
    hangUpgrade: (options) => rules.add('hangUpgrade', 0, options),
    csdsDown: (status = 503, { retryAfter, ...options } = {}) =>
      rules.add('failCsds', checkStatus(status), options, retryAfter === undefined ? {} : { text: retryAfter }),
    slowReads: (ms = 20, options) => rules.add('slowReads', ms, options),
    down: () => port.setDown(true),
    clear() {
      rules.clear();
      for (const session of frozen) session.thaw();
      frozen.clear();
      port.releaseHanging();
      port.setDown(false);
    },
  };
}

function checkStatus(status: number): number {
  if (!Number.isInteger(status) || status < 400 || status > 599) throw new ConfigError('the status must be 400 to 599');
  return status;
}
