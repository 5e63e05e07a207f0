import type { Clock } from '@lp/core';
import type { RawHttpResponse } from '../../../agent/test/support/raw-server.ts';
import type { Random } from '../lib/random.ts';
import type { Fate, SecondPlatform, Talk, Weather } from './second-platform.ts';

const PORTAL = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html>CANARY Welcome, please sign in</html>',
};
/** What something in front of a platform says in its place. */
const IN_FRONT: readonly RawHttpResponse[] = [
  PORTAL,
  { ...PORTAL, status: 403 },
  { ...PORTAL, status: 404 },
  ...[301, 302, 307].map((status) => ({ status, headers: { location: 'http://127.0.0.1:9/' } })),
  ...[400, 403, 404, 407, 408, 413, 426, 429, 500, 502, 503, 504, 511].map((status) => ({
    status,
    headers: { 'content-type': 'text/plain' },
  })),
  { status: 429, headers: { 'retry-after': '5' } },
  { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' },
  { status: 503, headers: { 'retry-after': '99999999999' } },
  'cut',
  'silence',
];
const CLOSE_CODES = [undefined, undefined, 1000, 1001, 1008, 1011, 1012, 4401, 4407];
const REFUSALS = [429, 500, 502, 503];
const REQUESTS = [
  'PublishEvent',
  'QueryMessages',
  'SubscribeExConversations',
  'SubscribeRoutingTasks',
  'UpdateRingState',
  'SetAgentState',
  'GetClock',
];
const JUNK = [
  '',
  'null',
  '[]',
  '{"kind":"notification"}',
  '{"kind":"resp","reqId":"nobody","code":200}',
  '{"kind":"notification","type":"x","body":{"__proto__":1}}',
  '<html></html>',
];
const HOLD_MS = 2_000;

/** The weather of one run, and what may strike in it. */
export class Storm implements Weather {
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #platform: SecondPlatform;
  #fates: { type: string; fate: () => Fate; times: number }[] = [];
  #doors: { response: RawHttpResponse; until: number } | undefined;
  #frames: { kind: 'lost' | 'twice' | 'late'; times: number } | undefined;
  #held: object[] = [];
  /** How often each kind has struck. */
  readonly counts = new Map<string, number>();

  constructor(platform: SecondPlatform, random: Random, clock: Clock) {
    this.#platform = platform;
    this.#random = random;
    this.#clock = clock;
    platform.weather = this;
  }

  /** Lets something strike. */
  strike(talks: readonly Talk[]): void {
    const kinds = Object.entries(this.#kinds(talks));
    const [name, strike] = this.#random.pick(kinds);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    strike();
  }

  /** All is well again. */
  clear(): void {
    this.#fates = [];
    this.#doors = undefined;
    this.#frames = undefined;
  }

  http(): RawHttpResponse | undefined {
    return this.#atTheDoor();
  }

  upgrade(): RawHttpResponse | undefined {
    return this.#atTheDoor();
  }

  request(type: string): Fate | undefined {
    const rule = this.#fates.find((one) => one.type === type);
    if (!rule) return undefined;
    if (--rule.times <= 0) this.#fates.splice(this.#fates.indexOf(rule), 1);
    return rule.fate();
  }

  notification(frame: object): readonly object[] {
    const rule = this.#frames;
    const held = this.#held.splice(0);
    if (!rule || rule.times-- <= 0) return [frame, ...held];
    if (rule.kind === 'lost') return held;
    if (rule.kind === 'twice') return [frame, ...held, frame];
    this.#held.push(frame);
    return held;
  }

  #kinds(talks: readonly Talk[]): Record<string, () => void> {
    const random = this.#random;
    const platform = this.#platform;
    const request = random.pick(REQUESTS);
    return {
      'a connection that ends': () => platform.close(random.pick(CLOSE_CODES)),
      'a token that is revoked': () => this.#revoke(),
      'a proxy in front': () => this.#door(random.pick(IN_FRONT), random.pick([200, 1_000, 1_000, 3_000, 30_000])),
      'the platform is gone': () => this.#door('cut', random.pick([500, 3_000])),
      'cut before the commit': () => this.#fate('PublishEvent', () => 'cutBefore'),
      'cut after the commit': () => this.#fate('PublishEvent', () => 'cutAfter'),
      'carried out, no response': () => this.#fate(request, () => 'silent'),
      'a request refused': () => this.#fate(request, () => ({ code: random.pick(REFUSALS), body: 'not now' }), 3),
      'a query cut off': () => this.#fate('QueryMessages', () => 'cutBefore'),
      'slow responses': () => this.#fate(request, () => ({ late: random.below(14_000) }), 10),
      'notifications twice': () => this.#distort('twice'),
      'notifications lost': () => this.#distort('lost'),
      'notifications out of order': () => this.#distort('late'),
      'junk on the wire': () => platform.write(random.pick(JUNK)),
      'bytes on the wire': () => platform.write(Buffer.from([0, 1, 2])),
      'a talk taken away and given back': () => this.#moved(random.pick(talks)),
    };
  }

  #atTheDoor(): RawHttpResponse | undefined {
    return this.#doors && this.#clock.now() < this.#doors.until ? this.#doors.response : undefined;
  }

  #door(response: RawHttpResponse, ms: number): void {
    if (this.#atTheDoor()) return;
    this.#doors = { response, until: this.#clock.now() + ms };
    this.#platform.close();
    if (this.#random.below(2) === 0) this.#platform.revoke();
  }

  #revoke(): void {
    this.#platform.revoke();
    if (this.#random.below(2) === 0) this.#platform.close(4401);
    else this.#platform.close();
  }

  #fate(type: string, fate: () => Fate, times = 1 + this.#random.below(3)): void {
    this.#fates.push({ type, fate, times });
  }

  #distort(kind: 'lost' | 'twice' | 'late'): void {
    this.#frames = { kind, times: 1 + this.#random.below(10) };
  }

  #moved(talk: Talk): void {
    if (!talk.mine || talk.ring) return;
    this.#platform.assign(talk, false);
    this.#clock.setTimer(() => this.#platform.assign(talk, true), HOLD_MS);
  }
}
