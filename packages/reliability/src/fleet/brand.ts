import { Lab, type LabOptions, type LabWorker, pause } from './lab.ts';

export interface BrandOptions extends LabOptions {
  readonly workers: number;
  readonly messagesPerSecond: number;
  /** How long consumers talk before a worker is killed, and after its logins are served again. */
  readonly seconds: number;
}

/** What consumers notice when a brand loses one of its machines. */
export interface BrandResult {
  readonly workers: number;
  readonly logins: number;
  readonly conversations: number;
  readonly ttlMs: number;
  /** What the worker that was killed held. */
  readonly lostLogins: number;
  readonly lostConversations: number;
  /** From the kill until the last of them was ONLINE elsewhere. */
  readonly tookMs: number;
  readonly messages: number;
  readonly lost: number;
  readonly twice: number;
  /** From a message to its answer, by the platform's history. */
  readonly answeredMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Serves many conversations with few workers, kills one of these, and looks at every message in the platform's history. */
export async function runBrand(options: BrandOptions): Promise<BrandResult> {
  const { conversationsPerLogin, logins, messagesPerSecond, seconds, ttlMs, workers } = options;
  const lab = await Lab.start(options);
  try {
    for (let i = 0; i < workers; i++) await lab.startWorker();
    await lab.allServed(180_000);
    await lab.allEven(180_000);
    const ids = [...lab.said.keys()];
    // Another conversation of another login each time.
    const talking = setInterval(
      () => lab.say(ids[(lab.messages * 2_503) % ids.length] as string),
      1_000 / messagesPerSecond,
    );
    await pause(seconds * 1_000);
    const [victim] = [...lab.workers.values()] as [LabWorker];
    const lostLogins = victim.serving.size;
    const killedAt = Date.now();
    await lab.kill(victim);
    await lab.allServed();
    const tookMs = Date.now() - killedAt;
    await pause(seconds * 1_000);
    clearInterval(talking);
    const { answeredMs, lost, twice } = await lab.settle();
    const sorted = answeredMs.toSorted((one, other) => one - other);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    return {
      workers,
      logins,
      conversations: ids.length,
      ttlMs,
      lostLogins,
      lostConversations: lostLogins * conversationsPerLogin,
      tookMs,
      messages: lab.messages,
      lost,
      twice,
      answeredMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
    };
  } finally {
    await lab.close();
  }
}
