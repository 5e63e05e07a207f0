import { describe, expect, it } from '@jest/globals';
import { KeyedListeners } from '../../src/inbound/keyed-listeners.ts';

describe('listeners by key', () => {
  it('are those of the key, in the order they came, until they are taken off', () => {
    const listeners = new KeyedListeners<string>();
    const removeOne = listeners.add('a', 'one');
    listeners.add('a', 'two');
    listeners.add('b', 'other');
    expect(listeners.of('a')).toEqual(['one', 'two']);
    removeOne();
    removeOne();
    expect([listeners.of('a'), listeners.of('b'), listeners.of('c')]).toEqual([['two'], ['other'], []]);
  });

  it('are walked through as they were, though some come and go meanwhile', () => {
    const listeners = new KeyedListeners<string>();
    const remove = ['one', 'two'].map((name) => listeners.add('a', name));
    const seen: string[] = [];
    for (const name of listeners.of('a')) {
      seen.push(name);
      for (const one of remove) one();
      listeners.add('a', 'late');
    }
    expect(seen).toEqual(['one', 'two']);
    expect(listeners.of('a')).toEqual(['late', 'late']);
  });
});
