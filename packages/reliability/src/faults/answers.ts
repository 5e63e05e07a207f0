import type { World } from '../lib/world.ts';
import { type FaultScenario, wasNeverLost } from './scenario.ts';

type Doing = Omit<FaultScenario, 'group'>;

/** Changes the answers to one kind of request, so many times: fewer than a handler has attempts at one message. */
function changeAnswers(
  type: string,
  change: (answer: Record<string, unknown>) => unknown[],
  times = 4,
): Pick<FaultScenario, 'world' | 'strike'> {
  let left = times;
  return {
    world: { proxy: true },
    strike: ({ proxy }: World) => {
      left = times;
      if (!proxy) return;
      proxy.toAgent = (text) => {
        const frame = JSON.parse(text) as Record<string, unknown>;
        if (frame['kind'] !== 'resp' || !String(frame['type']).includes(type) || left-- <= 0) return [text];
        return change(frame).map((changed) => JSON.stringify(changed));
      };
    },
  };
}

const doings: readonly Doing[] = [
  ...[400, 429, 500].flatMap((code): Doing[] => [
    {
      id: `publish-${code}`,
      what: `publishing is refused with ${code}, three times`,
      strike: ({ simulator }) => simulator.faults.failRequests('PublishEvent', code, { times: 3, text: 'CANARY' }),
      check: wasNeverLost,
    },
    {
      id: `history-${code}`,
      what: `reading the history is refused with ${code}, three times, while notifications are lost`,
      strike: ({ simulator }) => {
        simulator.faults.loseNotifications({ times: 3 });
        simulator.faults.failRequests('QueryMessages', code, { times: 3, text: 'CANARY' });
      },
      check: wasNeverLost,
    },
  ]),
  {
    id: 'publish-never',
    what: 'publishing is carried out and never answered, three times',
    strike: ({ simulator }) => simulator.faults.dropAnswers('PublishEvent', { times: 3 }),
    check: wasNeverLost,
  },
  {
    id: 'publish-never-then-lost',
    what: 'publishing is not answered, and then the connection is lost',
    strike: async ({ simulator, time }) => {
      simulator.faults.dropAnswers('PublishEvent', { times: 3 });
      await time.run(500);
      simulator.faults.dropAll();
    },
  },
  {
    id: 'late',
    what: 'answers come 12 s late, when nobody waits for them any more',
    strike: ({ simulator }) => simulator.faults.lateAnswers(12_000, { times: 6 }),
    check: wasNeverLost,
  },
  {
    id: 'twice',
    what: 'answers come twice',
    ...changeAnswers('', (answer) => [answer, answer], 1_000),
    check: wasNeverLost,
  },
  {
    id: 'wrong-id',
    what: 'answers carry ids of nobody as well',
    ...changeAnswers('', (answer) => [{ ...answer, reqId: 'nobody' }, { ...answer, reqId: '999999' }, answer], 1_000),
    check: wasNeverLost,
  },
  {
    id: 'code-as-text',
    what: 'codes come as text',
    ...changeAnswers('', (answer) => [{ ...answer, code: String(answer['code']) }], 1_000),
    check: wasNeverLost,
  },
  {
    id: 'refused-in-words',
    what: 'publishing is answered with the code `BAD_REQUEST`',
    ...changeAnswers('PublishEvent', (answer) => [{ ...answer, code: 'BAD_REQUEST', body: 'CANARY' }]),
    check: wasNeverLost,
  },
  {
    id: 'publish-no-body',
    what: 'publishing is answered without a body',
    ...changeAnswers('PublishEvent', (answer) => [{ ...answer, body: undefined }]),
    check: wasNeverLost,
  },
  {
    id: 'history-odd',
    what: 'the history is answered with something else',
    world: { proxy: true },
    strike: (world) => {
      const { strike } = changeAnswers('QueryMessages', (answer) => [{ ...answer, body: { CANARY: [null] } }], 3);
      world.simulator.faults.loseNotifications({ times: 3 });
      return strike(world);
    },
    check: wasNeverLost,
  },
  {
    id: 'history-one-bad',
    what: 'the history has a record in it that cannot be read',
    world: { proxy: true },
    strike: (world) => {
      const { strike } = changeAnswers(
        'QueryMessages',
        (answer) => {
          const body = Array.isArray(answer['body'])
            ? [...(answer['body'] as unknown[]), { CANARY: 1 }, null]
            : answer['body'];
          return [{ ...answer, body }];
        },
        100,
      );
      world.simulator.faults.loseNotifications({ times: 3 });
      return strike(world);
    },
    check: wasNeverLost,
  },
];

/** Answers are refusals, come late, twice, never, to nobody, or make no sense. */
export const answers: readonly FaultScenario[] = doings.map((doing) => ({
  ...doing,
  id: `answer-${doing.id}`,
  group: 'answers',
}));
