// The part of `pg` that is used here: its own types would bind a program to one version of them.

/** The result of a query. */
export interface PgResult {
  readonly rows: readonly unknown[];
  readonly rowCount: number | null;
}

/** A connection taken from a pool. */
export interface PgClient {
  query(text: string, values?: unknown[]): Promise<PgResult>;
  /** With a reason, the connection is closed instead of kept. */
  release(reason?: Error | boolean): void;
  /** Lets the process end while it is open. */
  unref?(): void;
  on(event: 'notification' | 'error' | 'end', listener: (argument: Error) => void): unknown;
  removeListener(event: 'error', listener: (argument: Error) => void): unknown;
}

/** A `Pool` of the package `pg`. */
export interface PgPool {
  readonly options?: { readonly max?: number | undefined } | undefined;
  connect(): Promise<PgClient>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'connect', listener: (client: PgClient) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'connect', listener: (client: PgClient) => void): unknown;
}
