import { describe, expect, it } from '@jest/globals';
import { transferToAgentFields, transferToSkillFields } from '../../src/conversation/transfer.ts';
import { Identities } from '../../src/inbound/mapping/index.ts';

const ids = { identities: new Identities('a', { userId: '1', agentId: 'pid-1' }) };
const details = (participants: object[]) =>
  ({
    participants,
    participantsByRole: undefined,
    dialogs: [],
    myRoles: [],
    myRole: undefined,
    mySuggestedRoles: [],
  }) as never;
const assigned = { id: 'pid-1', userId: 'a.1', role: 'ASSIGNED_AGENT' };

describe('a transfer to a skill', () => {
  it('removes whoever is assigned and changes the skill in one request', () => {
    expect(transferToSkillFields(details([assigned]), '7')).toEqual([
      { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT', userId: 'a.1' },
      { field: 'Skill', type: 'UPDATE', skill: '7' },
    ]);
  });

  it('takes itself for the assigned agent when nothing is known of the conversation', () => {
    expect(transferToSkillFields(details([]), '7')).toEqual([
      { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT' },
      { field: 'Skill', type: 'UPDATE', skill: '7' },
    ]);
  });

  it('changes the skill alone when nobody is assigned, or somebody only suggested', () => {
    const skill = [{ field: 'Skill', type: 'UPDATE', skill: '7' }];
    expect(transferToSkillFields(details([{ id: 'c', userId: 'c', role: 'CONSUMER' }]), '7')).toEqual(skill);
    expect(transferToSkillFields(details([{ ...assigned, state: 'SUGGESTED' }]), '7')).toEqual(skill);
  });
});

describe('a transfer to an agent', () => {
  it('removes the assigned agent and suggests the other', () => {
    expect(transferToAgentFields(details([assigned]), { agentId: 'a.2' }, ids)).toEqual([
      { field: 'ParticipantsChange', type: 'REMOVE', role: 'ASSIGNED_AGENT', userId: 'a.1' },
      { field: 'ParticipantsChange', type: 'SUGGEST', role: 'ASSIGNED_AGENT', userId: 'a.2' },
    ]);
  });

  it('takes another role of the other agent away first, and changes the skill last', () => {
    const manager = { id: 'pid-2', userId: 'a.2', role: 'MANAGER' };
    const fields = transferToAgentFields(details([assigned, manager]), { agentId: 'pid-2', skillId: '7' }, ids);
    expect(fields).toMatchObject([
      { type: 'REMOVE', role: 'MANAGER', userId: 'a.2' },
      { type: 'REMOVE', role: 'ASSIGNED_AGENT', userId: 'a.1' },
      { type: 'SUGGEST', role: 'ASSIGNED_AGENT', userId: 'a.2' },
      { field: 'Skill', skill: '7' },
    ]);
  });

  it.each([
    ['its own PID', 'pid-1', 'a.1'],
    ['a PID learnt before', 'pid-3', 'a.3'],
    ['an id nothing is known of', 'pid-9', 'pid-9'],
  ])('translates %s where it can', (_what, agentId, userId) => {
    ids.identities.learn('a.3', 'pid-3');
    const consumer = { id: 'c', userId: 'c', role: 'CONSUMER' };
    expect(transferToAgentFields(details([consumer]), { agentId }, ids)).toEqual([
      { field: 'ParticipantsChange', type: 'SUGGEST', role: 'ASSIGNED_AGENT', userId },
    ]);
  });
});
