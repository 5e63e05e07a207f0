import type { Agent } from '@lp/agent';

/** What conversations came to. */
export interface Tally {
  /** Messages of consumers without an answer. */
  readonly lost: number;
  /** Messages of consumers with more than one answer. */
  readonly twice: number;
  /** Conversations whose answers are not in the order of the messages. */
  readonly unordered: number;
}

/** Compares what consumers have said with what they were answered. */
export async function tallyOf(
  said: ReadonlyMap<string, readonly string[]>,
  answersIn: (conversationId: string) => Promise<readonly string[]>,
): Promise<Tally> {
  let [lost, twice, unordered] = [0, 0, 0];
  for (const [conversationId, texts] of said) {
    const answers = await answersIn(conversationId);
    const counts = new Map<string, number>();
    for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    for (const text of texts) {
      const count = counts.get(`echo: ${text}`) ?? 0;
      if (count === 0) lost++;
      if (count > 1) twice++;
    }
    const places = [...counts.keys()].map((answer) => texts.indexOf(answer.replace('echo: ', '')));
    if (places.some((place, n) => place < (places[n - 1] ?? place))) unordered++;
  }
  return { lost, twice, unordered };
}

/** What the conversation's agent has said in a dialog, by the platform's own history. */
export async function readAnswers(agent: Pick<Agent, 'queryMessages'>, dialogId: string): Promise<string[]> {
  const answers: string[] = [];
  for (let after = -1; ; ) {
    const found = await agent.queryMessages({ dialogId, newerThanSequence: after });
    const events = found.filter(({ sequence = -1 }) => sequence > after);
    if (events.length === 0) return answers;
    for (const { event, originatorMetadata, sequence = -1 } of events) {
      after = Math.max(after, sequence);
      const isAnswer = event.type === 'ContentEvent' && originatorMetadata?.role === 'ASSIGNED_AGENT';
      if (isAnswer && typeof event.message === 'string') answers.push(event.message);
    }
  }
}
