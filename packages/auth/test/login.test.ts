import { describe, expect, it } from '@jest/globals';
import { createDomainResolver, createHttpClient, createSessionManager } from '@lp/auth';
import { ACCOUNT, startPlatform } from './support/platform.ts';

describe('login', () => {
  it('logs in', async () => {
    await using platform = await startPlatform();
    await using http = createHttpClient();
    const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain: platform.host, http });
    await using manager = createSessionManager({
      accountId: ACCOUNT,
      credentials: { username: 'a', password: 'b' },
      domains,
      http,
    });
    const session = await manager.session();
    expect(session.bearer).toBe('bearer-0001');
    expect(session.cookies).toBe('Session_id=cookie-0001');
    await manager.refresh();
    expect(platform.seen.at(-1)).toMatchObject({
      path: `/api/account/${ACCOUNT}/refresh`,
      body: '{"csrf":"csrf-0001"}',
    });
    expect(manager.status().refreshes).toBe(1);
  });
});
