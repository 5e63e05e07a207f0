import type { ConversationStore } from '../inbound/conversation-store.ts';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { Identities } from '../inbound/mapping/index.ts';
import type { Router } from '../inbound/router.ts';
import type { Coverage } from '../link/coverage.ts';
import type { AgentRequests } from '../link/requests.ts';
import type { FileParts } from './files.ts';
import type { InboxParts } from './inbox-options.ts';
import type { SendGate } from './send-gate.ts';

/** What conversations are made of. */
export interface ConversationParts extends InboxParts, FileParts {
  readonly requests: AgentRequests;
  readonly router: Router;
  readonly store: ConversationStore;
  readonly lifetime: Lifetime;
  readonly identities: Identities;
  readonly coverage: Coverage;
  readonly gate: SendGate;
}
