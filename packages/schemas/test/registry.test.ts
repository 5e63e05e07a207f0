import { describe, expect, it } from '@jest/globals';
import {
  consumerRequestRegistry,
  decodeFrame,
  parseLenient,
  RequestBodySchemas,
  type RequestName,
  type RequestRow,
  RequestTypes,
  ResponseSchemas,
  requestRegistry,
} from '../src/index.ts';
import { consumerRequests, requests } from './fixtures/requests.ts';

const samples: Readonly<Record<string, { body: unknown; response: unknown }>> = { ...requests, ...consumerRequests };
const rows = Object.entries<RequestRow>({ ...requestRegistry, ...consumerRequestRegistry });

describe.each(rows)('%s', (name, row) => {
  const sample = samples[name];

  it('takes a full body and changes nothing in it', () => {
    expect(row.body.parse(sample?.body)).toEqual(sample?.body);
  });

  it('takes its response, whole', () => {
    const result = parseLenient(row.response, sample?.response);
    expect(result).toEqual({ ok: true, value: sample?.response });
  });

  it('has a response that is known by its type in both dialects', () => {
    for (const type of row.responseTypes)
      expect(decodeFrame({ kind: 'resp', reqId: '1', code: 200, type, body: sample?.response })).toMatchObject({
        kind: 'response',
        known: true,
        body: sample?.response,
      });
  });

  it('refuses a key that is not its own, where its keys are published', () => {
    const result = row.body.safeParse({ ...(sample?.body as object), zzz: 1 });
    expect(result.success).toBe(name === 'setUserProfile');
  });

  it('says what it does in a sentence', () => {
    expect(row.description).toMatch(/^[A-Z].{15,}\.$/);
  });
});

describe('the registry', () => {
  it('gives each request its name on the agent socket', () => {
    expect(RequestTypes).toMatchInlineSnapshot(`
{
  "agentRequestConversation": ".ams.cm.AgentRequestConversation",
  "generateDownloadToken": ".ams.ms.token.GenerateDownloadToken",
  "generateURLForDownloadFile": ".ams.ms.GenerateURLForDownloadFile",
  "generateURLForUploadFile": ".ams.ms.GenerateURLForUploadFile",
  "getBrandProfile": ".ams.brandprofile.GetBrandProfile",
  "getClock": ".GetClock",
  "getUserProfile": ".ams.userprofile.GetUserProfile",
  "publishEvent": ".ams.ms.PublishEvent",
  "queryMessages": ".ams.ms.QueryMessages",
  "setAgentState": ".ams.routing.SetAgentState",
  "subscribeAgentsState": ".ams.routing.SubscribeAgentsState",
  "subscribeExConversations": ".ams.aam.SubscribeExConversations",
  "subscribeMessagingEvents": ".ams.ms.QueryMessages",
  "subscribeRoutingTasks": ".ams.routing.SubscribeRoutingTasks",
  "unsubscribeExConversations": ".ams.aam.UnsubscribeExConversations",
  "updateConversationField": ".ams.cm.UpdateConversationField",
  "updateExConversationSubscription": ".ams.aam.UpdateExConversationSubscription",
  "updateRingState": ".ams.routing.UpdateRingState",
  "updateRoutingTaskSubscription": ".ams.routing.UpdateRoutingTaskSubscription",
}
`);
  });

  it('holds a schema of each body and each response by the name of the method', () => {
    for (const name of Object.keys(requestRegistry) as RequestName[]) {
      expect(RequestBodySchemas[name]).toBe(requestRegistry[name].body);
      expect(ResponseSchemas[name]).toBe(requestRegistry[name].response);
    }
  });

  it('calls nothing idempotent that does more when it is sent twice', () => {
    const once = rows.filter(([, { idempotent }]) => !idempotent).map(([name]) => name);
    expect(once).toEqual([
      'updateRingState',
      'updateConversationField',
      'agentRequestConversation',
      'publishEvent',
      'consumerRequestConversation',
    ]);
  });
});
