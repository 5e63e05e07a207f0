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
];

/** What to do about a refusal whose text is well known. The text itself is not repeated. */
export function describeRejection(details: { status: number; type: string; body?: unknown }): string | undefined {
  const { status, body } = details;
  const hint = typeof body === 'string' ? hints.find(([text]) => text.test(body))?.[1] : undefined;
  if (hint !== undefined) return hint;
  return status === 429 ? 'too many requests at once; wait a second and send them more evenly' : undefined;
}
