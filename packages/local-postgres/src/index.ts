export { freePort } from './free-port.ts';
export { type LocalPostgres, type LocalPostgresOptions, type LocalReplica, startPostgres } from './server.ts';
