import { runFastServer } from './fast-server.ts';
import { runMany } from './many.ts';
import { runUnread } from './unread.ts';
import { runWeeks } from './weeks.ts';

const [what = 'all', scale = '1'] = process.argv.slice(2);
const by = Number(scale);
if (what === 'all' || what === 'unread') console.log(await runUnread({ count: 1_000_000 * by, said: 20_000 * by }));
if (what === 'all' || what === 'fast') console.log(await runFastServer({ messages: 50_000 * by, conversations: 5 }));
if (what === 'all' || what === 'many') console.log(await runMany({ count: 100_000 * by, sample: 2_000 }));
if (what === 'all' || what === 'weeks') console.log(await runWeeks({ days: Math.ceil(28 * by) }));
