import { createFileDialogStore } from '@lp/agent';

/** Looks into the store of a bot that was killed: what is remembered must be of messages that count as handled. */
export async function dataAhead(file: string, agentId: string, dialogIds: readonly string[]): Promise<string[]> {
  const store = createFileDialogStore(file, { logger: false });
  const wrong: string[] = [];
  for (const dialogId of dialogIds) {
    const record = await store.load({ agentId, dialogId });
    const { sequences = [] } = (record?.data['orders']?.value ?? {}) as { sequences?: number[] };
    const isAhead = sequences.some((sequence) => sequence > (record?.sequence ?? -1));
    if (isAhead) wrong.push(`the data are ahead of the position ${record?.sequence}: ${sequences.join(', ')}`);
    if (new Set(sequences).size < sequences.length)
      wrong.push(`a message has changed the data twice: ${sequences.join(', ')}`);
  }
  await store.close();
  return wrong;
}
