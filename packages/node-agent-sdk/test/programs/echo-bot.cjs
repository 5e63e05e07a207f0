'use strict';

// A bot in the style that programs have been written in since 2016: a subclass, callbacks, and a retry of its own.
const { Agent } = require('node-agent-sdk');

class EchoBot extends Agent {
  constructor(conf) {
    super(conf);
    this.conf = conf;
    this.openConvs = {};
    this.init();
  }

  init() {
    this.on('connected', () => {
      console.log('connected');
      this.setAgentState({ availability: 'ONLINE' });
      this.subscribeExConversations({ agentIds: [this.agentId], convState: ['OPEN'] }, (error, response) =>
        console.log('subscribed', error, typeof response.subscriptionId),
      );
      this.subscribeRoutingTasks({});
      const { getClock } = this;
      this._pingClock = setInterval(() => getClock(), 30000);
    });
    this.on('routing.RoutingTaskNotification', (body) => {
      body.changes.forEach((change) => {
        change.result.ringsDetails.forEach((ring) => {
          if (ring.ringState !== 'WAITING') return;
          this.updateRingState({ ringId: ring.ringId, ringState: 'ACCEPTED' }, (_error, response) =>
            console.log(response),
          );
        });
      });
    });
    this.on('cqm.ExConversationChangeNotification', (body) => {
      body.changes.forEach((change) => {
        if (change.type !== 'UPSERT') {
          console.log('gone');
          delete this.openConvs[change.result.convId];
        } else if (!this.openConvs[change.result.convId]) {
          this.openConvs[change.result.convId] = {};
          console.log('conversation as', change.result.conversationDetails.getMyRole());
          this.subscribeMessagingEvents({ dialogId: change.result.convId });
        } else if (this.openConvs[change.result.convId].offline) {
          this.openConvs[change.result.convId].offline = false;
          this.subscribeMessagingEvents({ dialogId: change.result.convId });
        }
      });
    });
    this.on('ms.MessagingEventNotification', (body) => {
      body.changes.forEach((change) => {
        const seen = this.openConvs[change.dialogId];
        if (!seen || seen[change.sequence] || change.event.type !== 'ContentEvent') return;
        seen[change.sequence] = true;
        if (change.originatorId === this.agentId) return;
        console.log('heard', change.event.message);
        const { dialogId } = change;
        this.publishEvent({
          dialogId,
          event: { type: 'AcceptStatusEvent', status: 'READ', sequenceList: [change.sequence] },
        });
        const event = { type: 'ContentEvent', contentType: 'text/plain', message: `echo: ${change.event.message}` };
        this.publishEvent({ dialogId, event }, (error, response) => {
          console.log('published', error, response?.sequence >= 0);
          // Without a callback, as the example makes most of its requests: offline, the old SDK ends the process here.
          if (error) this.getClock();
        });
      });
    });
    this.on('error', (error) => console.log('error', error.message));
    this.on('closed', (code) => {
      console.log('closed', code);
      clearInterval(this._pingClock);
      for (const conversation of Object.values(this.openConvs)) conversation.offline = true;
      if (retry === undefined) this.reconnect();
    });
  }
}

// What it does when it is closed: reconnects at once; `none`, nothing; else what the README in this file says.
const { LP_RETRY: retry } = process.env;
const { LP_ACCOUNT: accountId, LP_USER: username, LP_PASS: password, LP_CSDS: csdsDomain } = process.env;
const bot = new EchoBot({ accountId, username, password, csdsDomain });
if (retry !== undefined && retry !== 'none') {
  const readme = require('node:fs').readFileSync(retry, 'utf8');
  const [, code] = /```javascript\n([^`]*agent\._reconnect = [^`]*)```/.exec(readme);
  require('node:vm').runInNewContext(code, { agent: bot, setTimeout, clearTimeout });
}
process.on('SIGTERM', () => {
  clearInterval(bot._pingClock);
  bot.dispose();
});
