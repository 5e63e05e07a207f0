import { Refusal } from '../platform/model.ts';
import { agentOf, type Handler, optionalText, textField } from './call.ts';

const AVAILABILITIES = ['ONLINE', 'OFFLINE', 'AWAY', 'BACK_SOON', 'OCCUPIED'];

export const setAgentState: Handler = (call) => {
  const { platform, fields } = call;
  const availability = textField(fields, 'availability');
  if (!AVAILABILITIES.includes(availability)) throw new Refusal(400, 'Bad request: availability is unknown');
  const named = optionalText(fields, 'agentUserId');
  const agent = named === undefined ? agentOf(call) : platform.agents.find(named);
  if (agent !== agentOf(call)) throw new Refusal(400, 'Bad request: agentUserId is not the caller');
  platform.setAgentState(agent, availability, optionalText(fields, 'reasonId'));
  return { code: 202, body: 'Agent state updated successfully' };
};

export const updateRingState: Handler = (call) => {
  const { platform, fields } = call;
  const agent = agentOf(call);
  const ringId = textField(fields, 'ringId');
  const ringState = textField(fields, 'ringState');
  if (ringState !== 'ACCEPTED' && ringState !== 'REJECTED') {
    throw new Refusal(400, 'Bad request: ringState must be ACCEPTED or REJECTED');
  }
  const ring = platform.routing.ring(ringId);
  if (ring?.agentId !== agent.id) throw new Refusal(400, 'Ring does not exist or is no longer waiting');
  if (ringState === 'ACCEPTED') platform.routing.accept(ring, agent);
  else platform.routing.reject(ring);
  return { code: 202, body: 'Ring state updated successfully' };
};
