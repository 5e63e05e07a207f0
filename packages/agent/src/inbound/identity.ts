import type { Session } from '@lp/auth';
import { createIdentityDirectory, type Identity, type IdentityDirectory } from './mapping/index.ts';

/** Who this agent is, filled in by the first login. */
export class OwnIdentity implements Identity {
  readonly accountId: string;
  #userId = '';
  #agentId: string | undefined;

  constructor(accountId: string) {
    this.accountId = accountId;
  }

  get userId(): string {
    return this.#userId;
  }

  get oldId(): string {
    return `${this.accountId}.${this.#userId}`;
  }

  get agentId(): string | undefined {
    return this.#agentId;
  }

  /** Takes over what a session says of its agent; one of the program's own may not say it. */
  apply(session: Session): void {
    this.#userId = session.userId || this.#userId;
    this.#agentId = session.agentId ?? this.#agentId;
  }

  /** Fills in what the session did not say. */
  learn({ userId, agentId }: { userId?: string; agentId?: string }): void {
    if (userId !== undefined) this.#userId ||= userId;
    this.#agentId ??= agentId;
  }

  /** A directory of id pairs that teaches this identity its own PID when the session did not say it. */
  createDirectory(): IdentityDirectory {
    const directory = createIdentityDirectory();
    return {
      ...directory,
      learn: (userId, pid) => {
        if (userId === this.oldId) this.#agentId ??= pid;
        directory.learn(userId, pid);
      },
    };
  }
}
