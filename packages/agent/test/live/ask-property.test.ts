import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { type Agent, type Conversation, createMemoryDialogStore, NoAnswerError } from '@lp/agent';
import fc from 'fast-check';
import { questionId } from '../../src/conversation/send-ids.ts';
import { RawPlatform, type RawRecord, until } from '../support/raw-dialogs.ts';

const RUNS = 120;
// Always the same schedules, so that a failure is one of the code; another seed looks elsewhere.
const SEED = Number(process.env['LP_PROPERTY_SEED'] ?? 20_260_101);

type Step =
  /** Consumers write: in order, or the second is pushed before the first, or nothing is pushed, so that it shows late. */
  | { readonly do: 'say'; readonly texts: readonly string[]; readonly how: 'in order' | 'swapped' | 'late' }
  /** Something that was said is pushed again. */
  | { readonly do: 'repeat'; readonly which: number }
  | { readonly do: 'cut' | 'leave' | 'return' | 'restart' };

interface Schedule {
  readonly steps: readonly { readonly step: Step; readonly turns: number }[];
  /** How long the second question waits; without end where there is none. */
  readonly timeoutMs: number | undefined;
  /** Whether the conversation is closed in the end, instead of read to its end. */
  readonly closes: boolean;
}

const text = fc.constantFrom('form', 'form', 'a', 'b');
const say = fc.record({
  do: fc.constant('say' as const),
  texts: fc.array(text, { minLength: 1, maxLength: 4 }),
  how: fc.constantFrom('in order' as const, 'in order' as const, 'swapped' as const, 'late' as const),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: say },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('repeat' as const), which: fc.nat(20) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('cut' as const, 'leave' as const, 'return' as const, 'restart' as const),
    }),
  },
);
const schedules: fc.Arbitrary<Schedule> = fc.record({
  steps: fc.array(fc.record({ step, turns: fc.nat(12) }), { minLength: 2, maxLength: 12 }),
  timeoutMs: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  closes: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
});

/** What was met in the runs. */
type Sight = 'form' | 'waited while asked' | 'late' | 'repeated' | 'cut' | 'restart' | 'timeout' | 'left' | 'ended';

const FIRST = 'First?';
const SECOND = 'Second?';

/** One conversation with a bot that asks two questions for each "form", and says nothing to the rest. */
class Run {
  readonly sights = new Set<Sight>();
  readonly wrong: string[] = [];
  readonly #platform: RawPlatform;
  readonly #schedule: Schedule;
  readonly #store = createMemoryDialogStore();
  /** By the number of each message that a body has ended with: the numbers of its answers. */
  readonly #handled = new Map<number, (number | 'timeout')[]>();
  #order: number[] = [];
  /** Handlers that are at work. */
  #running = 0;
  #agent: Agent | undefined;
  #serving: Promise<void> | undefined;

  constructor(platform: RawPlatform, schedule: Schedule) {
    this.#platform = platform;
    this.#schedule = schedule;
  }

  async play(): Promise<void> {
    const raw = this.#platform.open('d');
    await this.#begin();
    for (const { step: next, turns } of this.#schedule.steps) {
      await this.#do(raw, next);
      for (let n = 0; n < turns; n++) await turn();
    }
    if (!raw.mine) await this.#do(raw, { do: 'return' });
    if (this.#schedule.closes) {
      await until(() => this.#running > 0);
      raw.closed = true;
      // Told again as long as it may be lost with a connection.
      await until(() => {
        this.#platform.tell(raw);
        return this.#running === 0;
      });
    } else await this.#readToTheEnd(raw);
    this.#agent?.terminate();
    await this.#serving;
    this.#judge(raw.log);
  }

  async #begin(): Promise<void> {
    const agent = await this.#platform.connect({ store: this.#store });
    this.#agent = agent;
    this.#order = [];
    this.#serving = agent.serve((conversation) => this.#handle(conversation, agent), { drainTimeoutMs: 1 });
  }

  async #handle(conversation: Conversation, agent: Agent): Promise<void> {
    this.#running++;
    try {
      await this.#read(conversation, agent);
    } finally {
      this.#running--;
    }
  }

  async #read(conversation: Conversation, agent: Agent): Promise<void> {
    for await (const message of conversation.messages()) {
      const answers = message.text === 'form' ? await this.#form(conversation) : [];
      // What a process finds out that has ended meanwhile is nobody's: a body that returned would have handled its message.
      if (this.#agent !== agent) throw new Error('the process has ended');
      this.#order.push(message.sequence);
      const before = this.#handled.get(message.sequence);
      const isSame = before === undefined || JSON.stringify(before) === JSON.stringify(answers);
      if (!isSame && !before.includes('timeout'))
        this.wrong.push(`${message.id}: ${before.join()} and then ${answers.join()}`);
      this.#handled.set(message.sequence, answers);
    }
  }

  async #form(conversation: Conversation): Promise<(number | 'timeout')[]> {
    this.sights.add('form');
    const { timeoutMs } = this.#schedule;
    const answers: (number | 'timeout')[] = [];
    try {
      answers.push(await conversation.ask(FIRST, { validate: (_text, { sequence }) => sequence }));
      answers.push(await conversation.ask(SECOND, { timeoutMs, validate: (_text, { sequence }) => sequence }));
    } catch (error) {
      if (!NoAnswerError.isInstance(error)) throw error;
      const { reason } = error;
      if (reason === 'ended' || reason === 'left') this.sights.add(reason);
      if (reason !== 'timeout') throw error;
      this.sights.add('timeout');
      answers.push('timeout');
    }
    return answers;
  }

  async #do(raw: ReturnType<RawPlatform['open']>, next: Step): Promise<void> {
    if (next.do === 'say') this.#say(raw, next);
    else if (next.do === 'repeat') this.#repeat(raw.log[next.which]);
    else if (next.do === 'cut') {
      this.sights.add('cut');
      this.#platform.cut();
    } else if (next.do === 'restart') {
      this.sights.add('restart');
      const [agent, serving] = [this.#agent, this.#serving];
      this.#agent = undefined;
      agent?.terminate();
      await serving;
      await this.#begin();
    } else {
      raw.mine = next.do === 'return';
      this.#platform.tell(raw);
    }
  }

  #say(raw: ReturnType<RawPlatform['open']>, { how, texts }: Extract<Step, { do: 'say' }>): void {
    const records = texts.map((said) => this.#platform.say(raw, said, { push: how === 'in order' }));
    if (how !== 'in order') this.sights.add('late');
    if (texts.length > 1) this.sights.add('waited while asked');
    if (how === 'swapped') for (const record of records.reverse()) this.#platform.push(record);
  }

  #repeat(record: RawRecord | undefined): void {
    if (!record) return;
    this.sights.add('repeated');
    this.#platform.push(record);
  }

  /** Says something until the loop, and no question, has got it. */
  async #readToTheEnd(raw: ReturnType<RawPlatform['open']>): Promise<void> {
    for (;;) {
      const { sequence } = this.#platform.say(raw, 'end');
      const isAnswer = () => [...this.#handled.values()].some((answers) => answers.includes(sequence));
      // The second question of a form may wait for the next one.
      const isAsked = () =>
        raw.log.some(
          ({ event, originatorId, sequence: n }) => isQuestion(event) && n > sequence && originatorId !== 'consumer',
        );
      await until(() => this.#handled.has(sequence) || isAnswer() || isAsked());
      if (this.#handled.has(sequence)) return;
    }
  }

  #uses(sequence: number): number {
    const answers = [...this.#handled.values()].flat().filter((answer) => answer === sequence);
    return answers.length + (this.#handled.has(sequence) ? 1 : 0);
  }

  #judge(log: readonly RawRecord[]): void {
    const ids = log.flatMap(({ metadata = [] }) => metadata.map((item) => (item as { id?: string }).id));
    if (new Set(ids).size < ids.length) this.wrong.push('something was said twice');
    if (this.#order.some((sequence, index) => sequence <= (this.#order[index - 1] ?? -1))) {
      this.wrong.push(`the loop got messages out of order: ${this.#order.join()}`);
    }
    for (const sequence of consumers(log)) {
      const uses = this.#uses(sequence);
      if (uses > 1 || (uses === 0 && !this.#schedule.closes)) this.wrong.push(`${sequence} was used ${uses} times`);
    }
    for (const [sequence, answers] of this.#handled) this.#judgeForm(log, sequence, answers);
  }

  /** The answer to a question is the first message after it. */
  #judgeForm(log: readonly RawRecord[], sequence: number, answers: readonly (number | 'timeout')[]): void {
    for (const [index, answer] of answers.entries()) {
      const name = JSON.stringify([index === 0 ? FIRST : SECOND]);
      const id = questionId(sequence, name, 0);
      const asked = log.find(({ metadata = [] }) => metadata.some((item) => (item as { id?: string }).id === id));
      const next = consumers(log).find((one) => one > (asked?.sequence ?? Number.POSITIVE_INFINITY));
      if (answer !== 'timeout' && answer !== next) {
        this.wrong.push(`question ${index} of ${sequence} (${asked?.sequence}) got ${answer} and not ${next}`);
      }
    }
  }
}

function isQuestion({ message }: RawRecord['event']): boolean {
  return message === FIRST || message === SECOND;
}

function consumers(log: readonly RawRecord[]): number[] {
  return log.filter(({ originatorId }) => originatorId === 'consumer').map(({ sequence }) => sequence);
}

describe('questions under random schedules', () => {
  const met = new Map<Sight, number>();

  // verifies: ask:answer, ask:before, ask:rerun
  it('get the first message after them, and every message goes to one question or to the loop, once', async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async (schedule) => {
        await using platform = await RawPlatform.start();
        const run = new Run(platform, schedule);
        await run.play();
        for (const sight of run.sights) met.set(sight, (met.get(sight) ?? 0) + 1);
        if (run.wrong.length > 0) throw new Error(run.wrong.join('\n'));
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(met.get('form')).toBeGreaterThan(RUNS / 2);
  }, 300_000);

  it('met every case that the schedules are meant for', () => {
    const all: Sight[] = [
      'form',
      'waited while asked',
      'late',
      'repeated',
      'cut',
      'restart',
      'timeout',
      'left',
      'ended',
    ];
    expect(all.filter((sight) => (met.get(sight) ?? 0) < 5)).toEqual([]);
  });
});
