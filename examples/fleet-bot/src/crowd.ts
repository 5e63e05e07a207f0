import { setTimeout as pause } from 'node:timers/promises';
import type { SimulatedChat, Simulator } from '@lp/simulator';

/** What the consumers have seen so far. */
export interface Tally {
  readonly said: number;
  readonly answered: number;
  /** Not answered, although the same consumer has said something later that is. */
  readonly skipped: number;
  readonly waiting: number;
  readonly twice: number;
}

// A consumer who is not answered for long says no more for the time being.
const MOST_WAITING = 5;

/** Consumers who talk all the time, each in a conversation of their own, and count their answers. */
export class Crowd {
  readonly #chats: SimulatedChat[] = [];
  readonly #said = new Map<SimulatedChat, number>();
  #talking: Promise<unknown> = Promise.resolve();
  #quiet = false;

  async open(simulator: Simulator, count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const chat = await simulator.consumer({ firstName: `Consumer ${i}` }).startConversation();
      this.#chats.push(chat);
      this.#said.set(chat, 0);
    }
  }

  /** Everybody says something every `everyMs`, until too much of it is not answered. */
  talk(everyMs: number): void {
    this.#talking = Promise.all(
      this.#chats.map(async (chat, i) => {
        await pause((everyMs * i) / this.#chats.length);
        while (!this.#quiet) {
          const said = this.#said.get(chat) ?? 0;
          if (said - answersIn(chat).size < MOST_WAITING) {
            await chat.say(`message ${said + 1}`);
            this.#said.set(chat, said + 1);
          }
          await pause(everyMs);
        }
      }),
    );
  }

  async stopTalking(): Promise<void> {
    this.#quiet = true;
    await this.#talking;
  }

  tally(): Tally {
    let [said, answered, skipped, twice] = [0, 0, 0, 0];
    for (const chat of this.#chats) {
      const answers = answersIn(chat);
      said += this.#said.get(chat) ?? 0;
      answered += answers.size;
      skipped += Math.max(0, ...answers.keys()) - answers.size;
      for (const times of answers.values()) twice += times - 1;
    }
    return { said, answered, skipped, waiting: Math.max(0, said - answered - skipped), twice };
  }

  /** Tells whether what was said until now is answered. */
  mark(): () => boolean {
    const said = new Map(this.#said);
    return () => this.#chats.every((chat) => answersIn(chat).size >= (said.get(chat) ?? 0));
  }
}

/** How often each of a consumer's messages was answered, by its number. */
function answersIn(chat: SimulatedChat): Map<number, number> {
  const times = new Map<number, number>();
  for (const { from, text = '' } of chat.transcript) {
    const number = Number(/^echo: message (\d+)$/.exec(text)?.[1]);
    if (from === 'agent' && number > 0) times.set(number, (times.get(number) ?? 0) + 1);
  }
  return times;
}
