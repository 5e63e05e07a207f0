// For the other @lp packages only: nothing here is promised to users.
export { compileChecksWith, isValid } from './checks.ts';
export { compileCheck } from './compile-check.ts';
