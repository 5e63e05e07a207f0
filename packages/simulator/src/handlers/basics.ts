import type { Handler } from './call.ts';
import { consumerOf, isObject, optionalText, textField } from './call.ts';

export const getClock: Handler = ({ platform }) => ({ body: { currentTime: platform.clock.now() } });

export const keepAlive: Handler = () => ({ body: 'OK' });

/** Sockets that are known by now may say hello again. */
export const initConnection: Handler = () => ({ body: 'OK Connection initialized successfully' });

/** The caller's own profile without an id; the id comes as a field or as a bare string. */
export const getUserProfile: Handler = (call) => {
  const { platform, caller, body, fields } = call;
  const userId = typeof body === 'string' && body !== '' ? body : optionalText(fields, 'userId');
  if (userId === undefined && caller.kind === 'agent') return { body: { userId: caller.agent.id } };
  const agent = userId === undefined ? undefined : platform.agents.find(userId);
  if (agent) return { body: { userId: agent.id, nickName: agent.account.username } };
  const consumer = platform.consumers.find(userId ?? consumerOf(call).id);
  if (!consumer) return { code: 400, body: 'User does not exist' };
  return { body: { userId: consumer.id, firstName: '', lastName: '', privateData: {}, ...consumer.profile } };
};

export const setUserProfile: Handler = (call) => {
  const consumer = consumerOf(call);
  const { userId: _fixed, ...profile } = call.fields;
  consumer.profile = { ...consumer.profile, ...(isObject(profile) ? profile : {}) };
  return { body: 'OK User Profile set successfully' };
};

export const getBrandProfile: Handler = ({ platform, fields }) => {
  const brandId = optionalText(fields, 'brandId') ?? platform.accountId;
  if (brandId !== platform.accountId) return { code: 400, body: 'Brand does not exist' };
  return {
    body: {
      brandId,
      name: brandId,
      description: '',
      category: '',
      SkillIds: platform.skills.all.map((skill) => skill.id),
      defaultTTRs: Object.fromEntries(
        ['CUSTOM', 'NORMAL', 'PRIORITIZED', 'URGENT'].map((type) => [type, platform.skills.ttr(type).value]),
      ),
    },
  };
};

/** One-time keys for reading and writing secure forms. */
export const generateDownloadToken: Handler = ({ platform, fields }) => {
  const target = isObject(fields['downloadable']) ? fields['downloadable'] : {};
  textField(target, 'dialogId');
  return { body: { token: { type: 'SecureFormReadToken', readOtk: platform.random.hex(64) } } };
};

export const generateUploadToken: Handler = ({ platform }) => ({
  body: { token: { type: 'SecureFormWriteToken', writeOtk: platform.random.hex(64) } },
});
