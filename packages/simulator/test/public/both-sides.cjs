'use strict';

// Both sides of a conversation by the vendor's newer SDK: what its public calls promise, one after the other. Prints `done` in
// the end, and what went wrong before it.
const events = require('node:events');
const lpm = require('lp-messaging-sdk');

const { ACCOUNT: accountId, PASSWORD: password } = process.env;
const { BRAND, CONSUMER } = lpm.UserType;
const told = (emitter, event) => events.once(emitter, event, { signal: AbortSignal.timeout(10_000) });
const failed = (error) => console.log('error:', error.message);
const create = (options) => lpm.createConnection({ accountId, appId: 'test', ...options }).on('error', failed);
const cut = async (connection) => {
  connection._waitToReconnect = 20;
  const restored = told(connection, 'reconnect');
  connection._forceDisconnect();
  await restored;
};

async function main() {
  const brand = create({ userType: BRAND, authData: { username: 'bot', password }, pollShiftStatus: true });
  await brand.open();
  await brand.setAgentState({ agentState: lpm.AgentState.ONLINE });
  await brand.createRoutingTaskSubscription();
  const ringing = told(brand, 'ring');
  const known = told(brand, 'conversation');

  const consumer = create({ userType: CONSUMER });
  await consumer.open();
  await consumer.setUserProfile({ firstName: 'Ada', lastName: 'L', nickName: 'A' });
  const mine = await consumer.createConversation({
    skillId: '7',
    campaignInfo: { campaignId: '1', engagementId: '2' },
  });
  const [ring] = await ringing;
  const accepted = told(ring, 'accepted');
  const joined = told(mine, 'participant-added');
  await ring.accept();
  await Promise.all([accepted, joined]);
  const [theirs] = await known;

  for (const [from, to] of [
    [mine, theirs],
    [theirs, mine],
  ]) {
    const heard = told(to, 'message');
    await from.sendMessage('hello', [{ type: 'ExternalId', id: '1' }]);
    const [message] = await heard;
    if (message.body !== 'hello') failed(new Error(`heard ${message.body}`));
  }
  await theirs.sendPrivateMessage('between us');
  await theirs.sendRichText({ type: 'vertical', elements: [{ type: 'text', text: 'rich' }] });
  await theirs.setNote('a note');
  const urgent = told(mine, 'ttr-change');
  await theirs.setTTR('URGENT');
  await urgent;
  await theirs.setManualETTR(Date.now() + 600_000);
  await theirs.openDialog.sendReadStatus([0]);
  await theirs.openDialog.setChatState(lpm.ParticipantChatState.COMPOSING);
  await theirs.openDialog.getAllPublishEvents();
  await brand.createConversationSubscription({ query: { stage: ['OPEN', 'CLOSE'] }, waitForFirstNotification: true });
  await cut(brand);
  await cut(consumer);
  const again = told(theirs, 'message');
  await mine.sendMessage('after the cut');
  await again;

  const token = await brand.getToken();
  const rest = create({ userType: BRAND, connectionType: lpm.ConnectionType.REST, token });
  await rest.open();
  const id = mine.conversationId;
  await rest.getConversationById(id);
  await rest._sendMessage(id, id, 'by REST', null);
  await rest._setTTR(id, 'NORMAL', null);
  const left = told(mine, 'transfer-skill');
  await theirs.transfer({ skillId: '8' });
  await left;
  const over = told(theirs, 'close');
  await mine.close();
  await over;
  await mine.setCsat('5', true);
  await consumer.close();

  const stranger = create({ userType: CONSUMER, unauthConnectorId: '1' });
  await stranger.open();
  const before = stranger.userId;
  const open = await stranger.createConversation();
  const first = told(stranger, 'messageNotification');
  await open.sendMessage('before');
  await first;
  stranger._waitToReconnect = 20;
  await stranger.mockStepUp('2', 'Ada');
  await open.sendMessage('after');
  if (stranger.userId === before) failed(new Error('still the same consumer'));
  await Promise.all([stranger.close(), brand.close()]);
  console.log('done');
  process.exit(0);
}

main().catch((error) => {
  failed(error);
  process.exit(1);
});
