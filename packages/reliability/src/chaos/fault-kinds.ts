import type { Faults } from '@lp/simulator';
import type { Random } from '../lib/random.ts';

type Strike = (faults: Faults) => void;

/** What may go wrong, each as likely as the others. */
export const FAULT_KINDS: Readonly<Record<string, Strike>> = {
  'dropped (1006)': (faults) => faults.dropAll(),
  'closed with 4401': (faults) => faults.closeWith(4401),
  'closed with 4407': (faults) => faults.closeWith(4407),
  'closed with 1011': (faults) => faults.closeWith(1011),
  'closed with 1001': (faults) => faults.closeWith(1001),
  'token revoked and closed': (faults) => faults.expireToken(),
  'token revoked and dropped': (faults) => faults.expireToken({ sockets: 'drop' }),
  'token revoked in silence': (faults) => faults.expireToken({ sockets: 'keep' }),
  'half-open': (faults) => faults.freeze(),
  'platform gone': (faults) => faults.down(),
  'look-up 503': (faults) => faults.csdsDown(503, { times: 2 }),
  'login 500': (faults) => faults.failLogin(500, { times: 1 }),
  'login 429': (faults) => faults.failLogin(429, { times: 1 }),
  'upgrade 503': (faults) => faults.failUpgrade(503, { times: 1 }),
  'upgrade 429': (faults) => faults.failUpgrade(429, { times: 1 }),
  'upgrade 401': (faults) => faults.failUpgrade(401, { times: 1 }),
  'upgrade without a response': (faults) => faults.hangUpgrade({ times: 1 }),
  'notifications twice': (faults) => faults.duplicate({ times: 30 }),
  'notifications lost': (faults) => faults.loseNotifications({ times: 10 }),
  'notifications reordered': (faults) => faults.reorder({ times: 30 }),
  'notifications cut off': (faults) => faults.corrupt({ times: 5 }),
  'no last content event': (faults) => faults.omitLastContentEvent({ times: 20 }),
  'everything 2 s late': (faults) => faults.delay(2_000, { times: 50 }),
  'responses 12 s late': (faults) => faults.lateAnswers(12_000, { times: 10 }),
  'publishing without a response': (faults) => faults.dropAnswers('PublishEvent', { times: 3 }),
  'history without a response': (faults) => faults.dropAnswers('QueryMessages', { times: 3 }),
  'publishing 500': (faults) => faults.failRequests('PublishEvent', 500, { times: 3 }),
  'publishing 429': (faults) => faults.failRequests('PublishEvent', 429, { times: 3 }),
  'history 500': (faults) => faults.failRequests('QueryMessages', 500, { times: 5 }),
  'history 429': (faults) => faults.failRequests('QueryMessages', 429, { times: 5 }),
  'subscriptions 500': (faults) => faults.failRequests('SubscribeExConversations', 500, { times: 1 }),
  'slow reads': (faults) => faults.slowReads(100, { times: 50 }),
};

/**
 * Lets one fault strike. Now and then everything is put right first: a link stays half-open, and a platform gone, until
 * then, and what lasts for a number of times would add up.
 */
export function strikeOne(faults: Faults, random: Random): string {
  if (random.below(3) === 0) faults.clear();
  const name = random.pick(Object.keys(FAULT_KINDS));
  FAULT_KINDS[name]?.(faults);
  return name;
}
