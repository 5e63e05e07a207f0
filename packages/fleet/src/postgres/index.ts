// Public API: every name added here is a promise.
export { type PostgresEngineOptions, postgresEngine } from './engine.ts';
export type { PgClient, PgPool, PgResult } from './pg-types.ts';
