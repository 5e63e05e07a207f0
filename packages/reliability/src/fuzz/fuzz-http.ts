import { connectAgent } from '@lp/agent';
import { LpError } from '@lp/core';
import { createRandom } from '../lib/random.ts';
import { World } from '../lib/world.ts';
import type { Corpus } from './corpus.ts';
import { mutateText, randomText } from './mutate.ts';

/** What a run over wrong HTTP responses found. */
export interface HttpResult {
  readonly inputs: number;
  /** How many attempts to connect, or calls, ended as what. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

const STATUSES = [200, 200, 200, 200, 204, 301, 400, 401, 403, 404, 429, 451, 500, 503];
const LONGEST_MS = 300_000;

/** Responds to look-up, login and REST calls of `count` agents with something wrong: they connect, or reject with a typed error. */
export async function fuzzHttp(corpus: Corpus, { count, seed }: { count: number; seed: number }): Promise<HttpResult> {
  const random = createRandom(seed);
  const world = await World.start({ proxy: true, agent: { signal: undefined } });
  const { proxy, time } = world;
  const outcomes: Record<string, number> = {};
  const failures: string[] = [];
  const bodies = [...corpus.http.values()];
  if (!proxy) throw new Error('no proxy');
  for (let n = 0; n < count && failures.length < 20; n++) {
    const wrong = random.pick(['baseURI', '/login', '/messaging_history', 'agent_survey']);
    proxy.respond = (path) => {
      if (!path.includes(wrong)) return undefined;
      const known = [...corpus.http].find(([known]) => known.includes(wrong))?.[1] ?? random.pick(bodies);
      const status = random.pick(STATUSES);
      const body = status === 204 ? '' : random.below(10) === 0 ? randomText(random) : mutateText(known, random);
      return {
        status,
        body,
        headers: random.below(5) === 0 ? { 'retry-after': random.pick(['x', '-1', '1e9', '2']) } : {},
      };
    };
    const { host } = proxy;
    const domains =
      wrong === 'baseURI' ? {} : { agentVep: host, facadeMsg: host, msgHist: host, runtimeFormLogic: host };
    let outcome: string;
    try {
      const agent = await time.while(connectAgent({ ...world.agentOptions, domains }), 'connecting', LONGEST_MS);
      outcome = 'connected';
      if (wrong.startsWith('/messaging') || wrong === 'agent_survey') {
        const call: Promise<unknown> =
          wrong === 'agent_survey'
            ? agent.survey.state({ conversationId: 'c', skillId: '1' })
            : agent.history.conversation({ conversationId: 'c' });
        outcome = await time.while(call, 'a REST call', LONGEST_MS).then(
          () => 'a result',
          (error: unknown) => codeOf(error),
        );
      }
      await time.while(agent.close(), 'close()');
    } catch (error) {
      world.canary.look('error of connectAgent', error);
      outcome = codeOf(error);
    }
    if (outcome.startsWith('untyped')) failures.push(`input ${n}: ${outcome}`);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  await time.run(60_000);
  await world.closePlatform();
  if (world.remains.timers > 0) failures.push(`${world.remains.timers} timers were left`);
  if (world.canary.leaks.size > 0) failures.push(`secrets shown in: ${[...world.canary.leaks].join(', ')}`);
  return { inputs: count, outcomes, failures };

  function codeOf(error: unknown): string {
    return LpError.isInstance(error) ? error.code : `untyped ${String(error)}`;
  }
}
