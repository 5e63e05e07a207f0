import type { Connection } from './connection.ts';
import type { ConnectionListener } from './connection-listener.ts';
import type { CsdsClient } from './csds-client.ts';
import { SDKError, toSdkError } from './errors.ts';
import { callProgram } from './telling.ts';

const NO_LOGIN = 'CSRF and JAR are not defined for this agent. Please reconnect with bearer token.';

/** The refresh of the session as programs ask for it: with a callback, and an event for each step. */
export class SessionRefresh {
  readonly #connection: Connection;
  readonly #csds: CsdsClient;
  readonly #listener: Pick<ConnectionListener, 'succeeded' | 'failed'>;
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, csds: CsdsClient, listener: Pick<ConnectionListener, 'succeeded' | 'failed'>) {
    this.#connection = connection;
    this.#csds = csds;
    this.#listener = listener;
  }

  /** Refreshes it now. */
  async now(callback?: (error: SDKError | null) => void): Promise<void> {
    const error = await this.#refresh();
    if (callback) callProgram(() => callback(error));
  }

  /** Refreshes it again and again from now on. */
  every(intervalMs: number): void {
    this.stop();
    this.#timer = setInterval(() => void this.#refresh(), intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #refresh(): Promise<SDKError | null> {
    try {
      const { sessions } = this.#connection.services;
      if (sessions.current?.csrf === undefined) {
        const error = new SDKError(NO_LOGIN, null, 'authentication.login');
        this.#listener.failed(error, 'RefreshSession#Precheck', false);
        return error;
      }
      try {
        await this.#csds.refresh();
      } catch (thrown) {
        const error = toSdkError(thrown, 'csds');
        // Else told with what comes of the refresh.
        this.#listener.succeeded('RefreshSession#Precheck');
        this.#listener.failed(error, 'RefreshSession#CSDS', false);
        return error;
      }
      await sessions.refresh();
      return null;
    } catch (thrown) {
      return toSdkError(thrown, 'refresh');
    }
  }
}
