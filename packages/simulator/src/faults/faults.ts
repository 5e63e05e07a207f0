import { ConfigError } from '@lp/core';
import type { AgentDirectory } from '../platform/agents.ts';
import type { AgentSessions } from '../platform/sessions.ts';
import type { Session } from '../ws/session.ts';
import type { FaultOptions, FaultRules } from './rules.ts';

/** Which sockets a fault hits that strikes once, now. */
export interface FaultTarget {
  /** Only the sockets of the agent with this username; all agents' by default. */
  agent?: string;
}

/**
 * Things that go wrong between a client and the platform. Consumers are spared, except by `down()`.
 * What "strikes now" is over with the call; everything else lasts until `clear()`, or as often as `times` says.
 */
export interface Faults {
  /** Strikes now: drops the agents' sockets without a close frame (clients see 1006). */
  dropAll(target?: FaultTarget): void;
  /** Strikes now: closes the agents' sockets with a close code, e.g. 4401, 1011 or 1001. */
  closeWith(code: number, reason?: string, target?: FaultTarget): void;
  /**
   * The agents' sockets that are open now stop: nothing is read, written or answered, not even pings. New sockets work.
   * Lasts until `clear()`, which lets everything held back go.
   */
  freeze(target?: FaultTarget): void;
  /** Everything sent to agents comes `ms` milliseconds late, in order. */
  delay(ms: number, options?: FaultOptions): void;
  /** Answers to agents come `ms` milliseconds late; notifications are on time. */
  lateAnswers(ms: number, options?: FaultOptions): void;
  /** Requests of this type are carried out and never answered. The type is a wire type or its last part, as `PublishEvent`. */
  dropAnswers(type: string, options?: FaultOptions): void;
  /** Notifications come twice. */
  duplicate(options?: FaultOptions): void;
  /** Notifications are collected, `window` at a time (default 4) or for 20 ms, and come in another order. */
  reorder(options?: FaultOptions & { window?: number }): void;
  /** Notifications are cut off in the middle. */
  corrupt(options?: FaultOptions): void;
  /** Notifications are lost. */
  loseNotifications(options?: FaultOptions): void;
  /** Conversation notifications come without `lastContentEventNotification`. */
  omitLastContentEvent(options?: Omit<FaultOptions, 'agent'>): void;
  /** Strikes now: bearers stop being valid and their sockets are closed with 4401, dropped without a word, or left open. */
  expireToken(options?: FaultTarget & { sockets?: 'close' | 'drop' | 'keep' }): void;
  /** Logging in is answered with this HTTP status, e.g. 401, 429, 500 or 503. */
  failLogin(status: number, options?: Omit<FaultOptions, 'agent'>): void;
  /** Requests of this type are refused with this code and not carried out, e.g. 429 or 500. */
  failRequests(type: string, code: number, options?: FaultOptions & { text?: string }): void;
  /** The upgrade to a socket is answered with this HTTP status, e.g. 401, 409 or 503. */
  failUpgrade(status: number, options?: FaultOptions): void;
  /** The upgrade to a socket is never answered; `clear()` ends the attempts that wait. */
  hangUpgrade(options?: FaultOptions): void;
  /** Looking up services is answered with this HTTP status; default 503. */
  csdsDown(status?: number, options?: Omit<FaultOptions, 'agent'>): void;
  /** After each frame from an agent, nothing more is read from that socket for `ms` milliseconds; default 20. */
  slowReads(ms?: number, options?: FaultOptions): void;
  /** The platform is gone: open connections are cut, new ones refused. `clear()` brings it back with all its state. */
  down(): void;
  /** Ends every fault. */
  clear(): void;
}

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

  function targets({ agent }: FaultTarget = {}): Session[] {
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
    lateAnswers: (ms, options) => rules.add('lateAnswer', ms, options),
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
    failLogin: (status, options) => rules.add('failLogin', checkStatus(status), options),
    failRequests(type, code, { text, ...options } = {}) {
      rules.add('failRequest', checkStatus(code), options, text === undefined ? { type } : { type, text });
    },
    failUpgrade: (status, options) => rules.add('failUpgrade', checkStatus(status), options),
    hangUpgrade: (options) => rules.add('hangUpgrade', 0, options),
    csdsDown: (status = 503, options) => rules.add('failCsds', checkStatus(status), options),
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
