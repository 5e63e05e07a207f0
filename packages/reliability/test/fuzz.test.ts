import { beforeAll, describe, expect, it } from '@jest/globals';
import { mutateText } from '../src/fuzz/mutate.ts';
import { createRandom } from '../src/lib/random.ts';
import type { FuzzResult } from '../src/report/results.ts';
import { runCampaign } from './campaign.ts';

const FLAT_BYTES = 12 * 1024 * 1024;
const DECODE = 20_000;
let result: FuzzResult;

beforeAll(async () => {
  result = await runCampaign('fuzz', { decode: DECODE, live: 2_500, http: 150 });
}, 120_000);

describe('wrong frames', () => {
  // verifies: network:data, threat:consumer
  it('are read or reported, and nothing is thrown, polluted, quoted or slow', () => {
    expect(result.decode.failures).toEqual([]);
  });

  it('are of all kinds, or nothing was tried', () => {
    const { kinds } = result.decode;
    for (const kind of ['notification', 'response', 'unknown notification', 'invalid (json)', 'invalid (body)']) {
      expect([kind, (kinds[kind] ?? 0) > DECODE / 200]).toEqual([kind, true]);
    }
  });

  // verifies: threat:consumer, status:invalid-frame
  it('cost a live agent neither its connection nor a message in between', () => {
    expect(result.live.failures).toEqual([]);
    expect(result.live.invalid).toBeGreaterThan(100);
    expect(result.live.answered).toBeGreaterThan(10);
  });

  it('leave the memory flat', () => {
    for (const { memoryBefore, memoryAfter } of [result.decode, result.live]) {
      expect(memoryAfter - memoryBefore).toBeLessThan(FLAT_BYTES);
    }
  });
});

describe('wrong HTTP responses', () => {
  it('end in a typed error or a result, and leave nothing behind', () => {
    expect(result.http.failures).toEqual([]);
    expect(Object.keys(result.http.outcomes).length).toBeGreaterThan(4);
  });
});

describe('a mutation', () => {
  it('is the same for the same seed, and changes nearly every frame', () => {
    const frame = '{"kind":"notification","type":"x","body":{"changes":[{"a":1}]}}';
    const mutate = (seed: number) => mutateText(frame, createRandom(seed));
    expect(mutate(4)).toBe(mutate(4));
    const changed = Array.from({ length: 200 }, (_, seed) => mutate(seed)).filter((text) => text !== frame);
    expect(changed.length).toBeGreaterThan(170);
  });
});
