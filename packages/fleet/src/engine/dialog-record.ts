export type { DialogRecord } from '@lp/agent';
