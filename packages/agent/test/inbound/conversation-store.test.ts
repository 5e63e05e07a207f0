import { describe, expect, it } from '@jest/globals';
import type { ConversationChange } from '@lp/agent';
import { ConversationStore } from '../../src/inbound/conversation-store.ts';

const details = (fields: object) => ({ participants: [], dialogs: [], myRoles: [], myRole: undefined, ...fields });
const change = (type: string, convId: string, conversationDetails?: object): ConversationChange =>
  ({ type, result: { convId, ...(conversationDetails && { conversationDetails }) } }) as never;
const upsert = (convId: string, fields: object = {}) => change('UPSERT', convId, details(fields));

describe('the conversation store', () => {
  it('keeps the newest and leaves out what is older', () => {
    const store = new ConversationStore();
    expect(store.apply(upsert('c', { metaDataLastUpdateTs: 20, skillId: 'new' }))).toBe(true);
    expect(store.apply(upsert('c', { metaDataLastUpdateTs: 10, skillId: 'old' }))).toBe(false);
    expect(store.get('c').details?.skillId).toBe('new');
    expect(store.apply(upsert('c', { metaDataLastUpdateTs: 20, skillId: 'same time' }))).toBe(true);
    expect(store.get('c').details?.skillId).toBe('same time');
  });

  it('takes a change without a time for a new one', () => {
    const store = new ConversationStore();
    store.apply(upsert('c', { metaDataLastUpdateTs: 20 }));
    expect(store.apply(upsert('c', { skillId: 'x' }))).toBe(true);
  });

  // verifies: kept:conversations
  it('lets go of closed conversations and of those no subscription covers', () => {
    const store = new ConversationStore();
    for (const id of ['a', 'b', 'c']) store.apply(upsert(id));
    store.apply(upsert('a', { stage: 'CLOSE' }));
    store.apply(change('DELETE', 'b'));
    expect(store.all().map(({ conversationId }) => conversationId)).toEqual(['c']);
    expect(store.size).toBe(1);
  });

  it('keeps what another subscription covers still, unless nothing is said of who is in it', () => {
    const store = new ConversationStore(({ details }) => details?.skillId === 'covered');
    for (const id of ['a', 'b', 'c']) store.apply(upsert(id, { skillId: 'covered' }));
    store.apply(change('DELETE', 'a', details({ skillId: 'covered' })));
    store.apply(change('DELETE', 'b', details({ skillId: 'another' })));
    store.apply(change('DELETE', 'c'));
    expect(store.all().map(({ conversationId }) => conversationId)).toEqual(['a']);
  });

  it('remembers nothing of a conversation that was only asked for', () => {
    const store = new ConversationStore();
    expect(store.get('x')).toMatchObject({ conversationId: 'x', details: undefined });
    expect(store.size).toBe(0);
  });

  it('says of a conversation that was let go without a word that it is gone, and takes it back', () => {
    const store = new ConversationStore();
    store.apply(upsert('c'));
    const seen: boolean[] = [];
    store.onChange((state) => seen.push(state.gone));
    store.apply(change('DELETE', 'c'));
    store.apply(upsert('c'));
    store.apply(change('DELETE', 'c', details({})));
    expect(seen).toEqual([true, false, false]);
  });

  it('does not bring a conversation back that has ended, or an older word of one that left', () => {
    const store = new ConversationStore();
    store.apply(upsert('ended', { metaDataLastUpdateTs: 100 }));
    store.apply(upsert('ended', { metaDataLastUpdateTs: 300, stage: 'CLOSE' }));
    expect(store.apply(upsert('ended', { metaDataLastUpdateTs: 400 }))).toBe(false);
    store.apply(upsert('left', { metaDataLastUpdateTs: 100 }));
    store.apply(change('DELETE', 'left', details({ metaDataLastUpdateTs: 300 })));
    expect(store.apply(upsert('left', { metaDataLastUpdateTs: 200 }))).toBe(false);
    expect(store.size).toBe(0);
    expect(store.apply(upsert('left', { metaDataLastUpdateTs: 400 }))).toBe(true);
  });

  it('tells watchers of their conversation only, until they stop', () => {
    const store = new ConversationStore();
    const told: string[] = [];
    const stop = store.watch('a', (state) => told.push(state.conversationId));
    const stopAll = store.onChange((state) => told.push(`all ${state.conversationId}`));
    store.apply(upsert('a'));
    store.apply(upsert('b'));
    stop();
    stopAll();
    store.apply(upsert('a'));
    expect(told).toEqual(['a', 'all a', 'all b']);
  });

  it.each([-5, 0, 1e300])('does not take what follows an absurd time of %d for older', (absurd) => {
    const store = new ConversationStore();
    store.apply(upsert('c', { metaDataLastUpdateTs: absurd }));
    expect(store.apply(upsert('c', { metaDataLastUpdateTs: 20, skillId: 'new' }))).toBe(true);
    expect(store.get('c').details?.skillId).toBe('new');
  });

  it('takes a conversation that was opened again under its id for what it is, and late news of the old one not', () => {
    const store = new ConversationStore();
    store.apply(upsert('c', { metaDataLastUpdateTs: 100 }));
    store.apply(upsert('c', { metaDataLastUpdateTs: 200, stage: 'CLOSE' }));
    expect(store.apply(upsert('c', { metaDataLastUpdateTs: 150, stage: 'OPEN' }))).toBe(false);
    expect(store.apply(upsert('c', { stage: 'OPEN' }))).toBe(false);
    expect(store.apply(upsert('c', { metaDataLastUpdateTs: 300, stage: 'OPEN' }))).toBe(true);
    expect(store.get('c')).toMatchObject({ ended: false });
  });
});
