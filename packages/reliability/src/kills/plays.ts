import type { SimulatedChat } from '@lp/simulator';
import type { Play } from './lane.ts';
import type { Told } from './life.ts';
import { ANSWERS, FORM, PARAGRAPHS } from './scripts.ts';

// Bots come and go, on a machine that may be busy: this is reached only by one that has gone deaf.
const PATIENCE = { timeoutMs: 900_000 };
/** Said before the first question of a form has come: no answer, and answered after the form. */
const ASIDE = 'by the way';
const WELCOME = [FORM.welcome, FORM.language, ANSWERS[FORM.language] ?? ''];
const ORDER = [FORM.size, FORM.count, FORM.retry, FORM.sure].flatMap((asked) => [asked, ANSWERS[asked] ?? '']);

/** Orders, as often as there are rounds; what was said must be what would be said undisturbed. */
export const playForm: Play = async (chat, { rounds, say, store }) => {
  // Positions alone cannot tell an answer that overtook a message from one that did not.
  const asides = store === 'cursors' ? [] : [ASIDE];
  const expected: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const text of [FORM.begin, ...asides]) say(chat, text);
    const last = asides.length > 0 ? `echo: ${ASIDE}` : FORM.done;
    for (let text = ''; text !== last; ) {
      ({ text = '' } = await chat.next(PATIENCE));
      const answer = ANSWERS[text];
      if (answer !== undefined) await chat.say(answer);
    }
    expected.push(FORM.begin, ...asides, ...(round === 0 ? WELCOME : []), ...ORDER, FORM.done);
    if (asides.length > 0) expected.push(last);
  }
  return different(chat, expected);
};

/** Puts questions; each is to be answered by all of its paragraphs, each once, in order. */
export const playStream: Play = async (chat, { rounds, say }) => {
  const expected: string[] = [];
  for (let round = 0; round < rounds; round++) {
    say(chat, `q${round}`);
    for (let n = 0; n < PARAGRAPHS; n++) await chat.next(PATIENCE);
    expected.push(`q${round}`, ...Array.from({ length: PARAGRAPHS }, (_, n) => `q${round}.${n}`));
  }
  return different(chat, expected);
};

function different({ transcript }: SimulatedChat, expected: readonly string[]): string[] {
  // Of a paragraph, its number: the words differ in each life.
  const said = transcript.map(({ text = '(no text)' }) => text.replace(/^(q\d+\.\d+) [^]*$/, '$1'));
  return JSON.stringify(said) === JSON.stringify(expected) ? [] : [`was said: ${JSON.stringify(said)}`];
}

/** What was done for an order: always under the same key with the same values, once or, killed just then, again. */
export function judgeEffects(told: readonly Told[]): { effects: number; repeated: number; wrong: string[] } {
  const byKey = new Map<string, Set<string>>();
  let effects = 0;
  for (const { words } of told) {
    const [what, key = '', ...values] = words;
    if (what !== 'effect') continue;
    effects++;
    byKey.set(key, (byKey.get(key) ?? new Set()).add(values.join(' ')));
  }
  const wrong = [...byKey].filter(([, values]) => values.size > 1 || !values.has('2 Large Yes'));
  return { effects, repeated: effects - byKey.size, wrong: wrong.map(([key]) => `other values for ${key}`) };
}

/**
 * The model is called once in a life for an answer, and never once all of that is said: this the ids tell, so a history
 * that keeps none leads to one more call, for nothing.
 */
export function judgeCalls(
  told: readonly Told[],
  metadata: boolean,
): { answers: number; calls: number; wrong: string[] } {
  const lives = new Map<string, number[]>();
  const wrong: string[] = [];
  let calls = 0;
  for (const { life, words } of told) {
    const [what, key = '', begun] = words;
    if (what !== 'call') continue;
    calls++;
    const before = lives.get(key) ?? [];
    if (before.includes(life)) wrong.push(`the model was called twice in life ${life} for ${key}`);
    if (metadata && Number(begun) >= PARAGRAPHS) wrong.push(`the model was called for ${key} although all was said`);
    lives.set(key, [...before, life]);
  }
  return { answers: lives.size, calls, wrong };
}
