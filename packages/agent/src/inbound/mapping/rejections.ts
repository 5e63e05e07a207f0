const hints: readonly (readonly [RegExp, string])[] = [
  [
    /agent does not exist in conversation/i,
    'the participant to remove is not in the conversation in that role; leave the REMOVE out, or read the participants again',
  ],
  [
    /agent already exist/i,
    'the agent to suggest is in the conversation already; remove its other role in the same request first',
  ],
  [/no conversation to send for mcca/i, 'a dialog for co-browsing holds no messages and cannot be queried'],
  [
    /max-conv-limit-reached/i,
    'this bot user has as many conversations as the platform allows (999); spread them over more bot users',
  ],
  [
    /messaging\.send-message/i,
    'the message could not be sent; for structured content, check its shape and that each image host is on the list of the account',
  ],
  [
    /messaging\.(end-conversation|conversation-closed)/i,
    'the conversation is closed or was transferred already; nothing is left to do',
  ],
  [/messaging\.agent-not-authorized/i, 'this agent is no longer assigned to the conversation'],
  [/messaging\.change-ttr/i, 'the response time is not one that can be set'],
  [/messaging\.transfer-skill-not-existing/i, 'the skill is not known; names of skills are case-sensitive'],
  [/messaging\.transfer-to-skill/i, 'the conversation could not be transferred; it may be closed'],
];

/** What to do about a refusal whose text is well known. The text itself is not repeated. */
export function describeRejection(details: { status: number; type: string; body?: unknown }): string | undefined {
  const { status, body } = details;
  const hint = typeof body === 'string' ? hints.find(([text]) => text.test(body))?.[1] : undefined;
  if (hint !== undefined) return hint;
  return status === 429 ? 'too many requests at once; wait a second and send them more evenly' : undefined;
}

const HAS_LEFT =
  /agent does not exist in conversation|messaging\.(end-conversation|conversation-closed|agent-not-authorized)/i;

/** Whether a refusal says that this agent does not have the conversation: it has left, or all is over. */
export function saysHasLeft({ body }: { readonly body: unknown }): boolean {
  return typeof body === 'string' && HAS_LEFT.test(body);
}
