import { Lab, type LabOptions, pause } from './lab.ts';

/** What becomes of messages when the gate never shuts: the defence is needed if some are answered twice. */
export interface BrokenResult {
  readonly messages: number;
  readonly withGate: number;
  readonly withoutGate: number;
}

/** Freezes a worker with unread messages until another has answered them, with its gate and without; gives the messages that were answered twice. */
export async function runBroken(options: LabOptions): Promise<BrokenResult> {
  const withGate = await freeze(options, false);
  const withoutGate = await freeze(options, true);
  return { messages: withGate.messages, withGate: withGate.twice, withoutGate: withoutGate.twice };
}

async function freeze(options: LabOptions, isBroken: boolean) {
  const lab = await Lab.start(options);
  try {
    const victim = await lab.startWorker(isBroken ? { broken: 'gate' } : {});
    await lab.allServed();
    const heir = await lab.startWorker();
    await pause(options.ttlMs);
    victim.child.kill('SIGSTOP');
    for (const id of lab.said.keys()) lab.say(id);
    // The other one answers meanwhile what the victim finds in its sockets when it wakes.
    while (heir.told.filter(({ state }) => state === 'serving').length < options.logins) await pause(50);
    await lab.settle();
    victim.child.kill('SIGCONT');
    await pause(2 * options.ttlMs);
    const { twice } = await lab.settle(20_000);
    return { messages: lab.messages, twice };
  } finally {
    await lab.close();
  }
}
