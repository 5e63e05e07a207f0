import type { AgentRecord } from '../platform/agents.ts';
import { Refusal } from '../platform/model.ts';
import type { Platform } from '../platform/platform.ts';
import type { SimulatedSkill } from '../platform/skills.ts';
import { requireBrand } from './authorization.ts';
import { type Exchange, sendJson } from './exchange.ts';

/** Nothing here can be changed, so that there is one revision. */
const REVISION = { 'ac-revision': '1', etag: '"1"' };
const HUMAN_OR_BOT = 1;
const UNLIMITED = -1;
const AGENT_PROFILE = { id: 1, deleted: false, name: 'Agent', description: '', roleTypeId: 2 };

export function users(exchange: Exchange, platform: Platform): void {
  requireBrand(exchange, platform);
  sendJson(exchange.response, 200, platform.agents.all.map(userOf), REVISION);
}

/** What consumers may see of an agent, who is named by PID; undefined where the id is no PID. */
export function publicProfile({ params }: Exchange, platform: Platform): object | undefined {
  const agent = platform.agents.all.find(({ pid }) => pid === params['id']);
  if (!agent) return undefined;
  const { pid, nickname, fullName, pictureUrl, employeeId } = userOf(agent);
  return { id: pid, pid, nickname, fullName, pictureUrl, employeeId };
}

/** An agent by number, for who is logged in. */
export function user(exchange: Exchange, platform: Platform): void {
  const { id = '' } = exchange.params;
  requireBrand(exchange, platform);
  const agent = platform.agents.find(`${platform.accountId}.${id}`);
  if (!agent) throw new Refusal(404, 'User does not exist');
  sendJson(exchange.response, 200, userOf(agent), REVISION);
}

export function skills(exchange: Exchange, platform: Platform): void {
  requireBrand(exchange, platform);
  sendJson(exchange.response, 200, platform.skills.all.map(skillOf), REVISION);
}

export function skill(exchange: Exchange, platform: Platform): void {
  requireBrand(exchange, platform);
  const found = platform.skills.all.find(({ id }) => id === exchange.params['id']);
  if (!found) throw new Refusal(404, 'Skill does not exist');
  sendJson(exchange.response, 200, skillOf(found), REVISION);
}

export function profiles(exchange: Exchange, platform: Platform): void {
  requireBrand(exchange, platform);
  sendJson(exchange.response, 200, [{ ...AGENT_PROFILE, numOfAssignedUsers: platform.agents.all.length }], REVISION);
}

export function profile(exchange: Exchange, platform: Platform): void {
  requireBrand(exchange, platform);
  if (exchange.params['id'] !== String(AGENT_PROFILE.id)) throw new Refusal(404, 'Profile does not exist');
  sendJson(exchange.response, 200, AGENT_PROFILE, REVISION);
}

/** Ids are numbers here. An agent without a list of skills has all of them, and an empty list. */
function userOf({ account, pid }: AgentRecord) {
  const { username, userId, skills: skillIds = [], maxConversations } = account;
  return {
    id: Number(userId),
    pid,
    deleted: false,
    loginName: username,
    fullName: username,
    nickname: username,
    email: username,
    employeeId: null,
    pictureUrl: null,
    isEnabled: true,
    userTypeId: HUMAN_OR_BOT,
    isApiUser: false,
    profileIds: [AGENT_PROFILE.id],
    skillIds: skillIds.map(Number),
    maxAsyncChats: Number.isFinite(maxConversations) ? maxConversations : UNLIMITED,
    memberOf: { agentGroupId: -1, assignmentDate: null },
    managerOf: [],
  };
}

const skillOf = ({ id, name = id }: SimulatedSkill) => ({
  id: Number(id),
  deleted: false,
  name,
  description: '',
  maxWaitTime: 120,
  skillOrder: 1,
  skillTransferList: [],
  canTransfer: true,
});
