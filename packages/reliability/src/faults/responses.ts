import type { World } from '../lib/world.ts';
import { type FaultScenario, wasNeverLost } from './scenario.ts';

type Doing = Omit<FaultScenario, 'group'>;

/** Changes the responses to one kind of request, so many times: fewer than a handler has attempts at one message. */
function changeResponses(
  type: string,
  change: (response: Record<string, unknown>) => unknown[],
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
    what: 'publishing is carried out without a response, three times',
    strike: ({ simulator }) => simulator.faults.dropAnswers('PublishEvent', { times: 3 }),
    check: wasNeverLost,
  },
  {
    id: 'publish-never-then-lost',
    what: 'publishing gets no response, and then the connection is lost',
    strike: async ({ simulator, time }) => {
      simulator.faults.dropAnswers('PublishEvent', { times: 3 });
      await time.run(500);
      simulator.faults.dropAll();
    },
  },
  {
    id: 'late',
    what: 'responses come 12 s late, when nobody waits for them any more',
    strike: ({ simulator }) => simulator.faults.lateAnswers(12_000, { times: 6 }),
    check: wasNeverLost,
  },
  {
    id: 'twice',
    what: 'responses come twice',
    ...changeResponses('', (response) => [response, response], 1_000),
    check: wasNeverLost,
  },
  {
    id: 'wrong-id',
    what: 'responses carry ids of nobody as well',
    ...changeResponses(
      '',
      (response) => [{ ...response, reqId: 'nobody' }, { ...response, reqId: '999999' }, response],
      1_000,
    ),
    check: wasNeverLost,
  },
  {
    id: 'code-as-text',
    what: 'codes come as text',
    ...changeResponses('', (response) => [{ ...response, code: String(response['code']) }], 1_000),
    check: wasNeverLost,
  },
  {
    id: 'refused-in-words',
    what: 'publishing gets the code `BAD_REQUEST`',
    ...changeResponses('PublishEvent', (response) => [{ ...response, code: 'BAD_REQUEST', body: 'CANARY' }]),
    check: wasNeverLost,
  },
  {
    id: 'publish-no-body',
    what: 'publishing gets a response without a body',
    ...changeResponses('PublishEvent', (response) => [{ ...response, body: undefined }]),
    check: wasNeverLost,
  },
  {
    id: 'history-odd',
    what: 'the history gets something else',
    world: { proxy: true },
    strike: (world) => {
      const { strike } = changeResponses('QueryMessages', (response) => [{ ...response, body: { CANARY: [null] } }], 3);
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
      const { strike } = changeResponses(
        'QueryMessages',
        (response) => {
          const body = Array.isArray(response['body'])
            ? [...(response['body'] as unknown[]), { CANARY: 1 }, null]
            : response['body'];
          return [{ ...response, body }];
        },
        100,
      );
      world.simulator.faults.loseNotifications({ times: 3 });
      return strike(world);
    },
    check: wasNeverLost,
  },
];

/** Responses are refusals, come late, twice, never, to nobody, or make no sense. */
export const responses: readonly FaultScenario[] = doings.map((doing) => ({
  ...doing,
  id: `response-${doing.id}`,
  group: 'responses',
}));
