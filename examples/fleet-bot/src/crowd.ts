import type { SimulatedChat, Simulator } from '@lp/simulator';

/** What the consumers have seen so far. */
export interface Tally {
  readonly said: number;
  readonly answered: number;
  readonly twice: number;
  readonly waiting: number;
}

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

  /** Everybody says something every `everyMs`, whether answered or not. */
  talk(everyMs: number): void {
    this.#talking = Promise.all(
      this.#chats.map(async (chat, i) => {
        await pause((everyMs * i) / this.#chats.length);
        while (!this.#quiet) {
          const number = (this.#said.get(chat) ?? 0) + 1;
          await chat.say(`message ${number}`);
          this.#said.set(chat, number);
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
    let [said, answered, twice] = [0, 0, 0];
    for (const chat of this.#chats) {
      const answers = chat.transcript.filter(({ from }) => from === 'agent').map(({ text }) => text);
      const different = new Set(answers);
      said += this.#said.get(chat) ?? 0;
      answered += different.size;
      twice += answers.length - different.size;
    }
    return { said, answered, twice, waiting: Math.max(0, said - answered) };
  }

  /** Waits until everybody is answered; false when that does not come. */
  async allAnswered(withinMs: number): Promise<boolean> {
    const end = Date.now() + withinMs;
    while (this.tally().waiting > 0 && Date.now() < end) await pause(50);
    return this.tally().waiting === 0;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
