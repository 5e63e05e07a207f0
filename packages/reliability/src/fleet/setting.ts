/** What a worker's process is started with. */
export interface WorkerSetting {
  readonly name: string;
  readonly database: string;
  readonly accountId: string;
  readonly csdsDomain: string;
  /** Where the sockets go instead of to the platform itself. */
  readonly socketHost?: string;
  readonly logins: readonly { readonly username: string; readonly password: string }[];
  readonly ttlMs: number;
  /** Default `postgres`. `memory`: cursors in memory, to compare with. */
  readonly engine?: 'postgres' | 'memory';
  /** Which defence is switched off. */
  readonly broken?: 'gate' | 'fence' | 'burial';
}
