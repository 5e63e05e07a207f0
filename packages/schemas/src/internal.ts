// For the other @lp packages only: nothing here is promised to users.
export { compileCheck } from '#compile-check';
export { compileChecksWith, isValid } from './checks.ts';
