import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Identities, Pairings } from '../../../src/inbound/mapping/index.ts';
import { findPairs } from '../../../src/inbound/mapping/participants.ts';

const agent = () => new Identities('a', { userId: '1', agentId: 'p1' });
const ids = fc.shuffledSubarray(['1', '2', '3', '4', '5'], { maxLength: 3 });
const lists = fc.record({ assigned: ids, managers: ids, pids: ids, managerPids: ids }, { noNullPrototype: true });

const detailsOf = ({ assigned, managers, pids, managerPids }: Record<string, string[]>) => ({
  participants: {
    ASSIGNED_AGENT: assigned?.map((id) => `a.${id}`) ?? [],
    MANAGER: managers?.map((id) => `a.${id}`) ?? [],
  },
  participantsPId: {
    ASSIGNED_AGENT: pids?.map((id) => `p${id}`) ?? [],
    MANAGER: managerPids?.map((id) => `p${id}`) ?? [],
  },
});

describe('remembered pairs of ids', () => {
  it('are those that would be found now, whoever comes, leaves, or is learnt meanwhile', () => {
    const step = fc.oneof(
      fc.record({ lists, times: fc.integer({ min: 1, max: 3 }) }, { noNullPrototype: true }),
      fc.record({ learn: fc.constantFrom('2', '3', '4') }, { noNullPrototype: true }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const identities = agent();
        const pairings = new Pairings();
        const found = steps.flatMap((one) => {
          if ('learn' in one) identities.learn(`a.${one.learn}`, `p${one.learn}`);
          const details = 'learn' in one ? undefined : detailsOf(one.lists);
          return Array.from({ length: 'learn' in one ? 0 : one.times }, () => ({
            remembered: details && pairings.of('c')(details, identities),
            now: details && findPairs(details, identities),
          }));
        });
        expect(found.map(({ remembered }) => remembered)).toEqual(found.map(({ now }) => now));
      }),
    );
  });

  it('are kept apart by conversation, and found again only when something has changed', () => {
    const identities = agent();
    const pairings = new Pairings();
    const [one, other] = [
      { assigned: ['2'], pids: ['3'] },
      { assigned: ['2'], pids: ['4'] },
    ].map((given) => detailsOf({ managers: [], managerPids: [], ...given }));
    const find = (id: string, details = one) => pairings.of(id)(details ?? {}, identities);
    const found = find('c');
    expect(found?.get('a.2')).toBe('p3');
    expect(find('c')).toBe(found);
    expect(find('d', other)?.get('a.2')).toBe('p4');
    identities.learn('a.9', 'p9');
    expect(find('c')).not.toBe(found);
  });
});
