import { asked, conclude, progress } from '../report/campaign.ts';
import { runFastServer } from './fast-server.ts';
import { runMany } from './many.ts';
import { runUnread } from './unread.ts';
import { runWeeks } from './weeks.ts';

const { sizes, isShort } = asked({
  unread: { count: 1_000_000, said: 20_000 },
  fast: { messages: 50_000, conversations: 5 },
  weeks: { days: 28 },
  many: { count: 100_000, sample: 2_000 },
});
const unread = await runUnread(sizes.unread);
progress(`${sizes.unread.count} notifications that nobody read`);
const fast = await runFastServer(sizes.fast);
progress(`${sizes.fast.messages} messages at once`);
const weeks = await runWeeks(sizes.weeks);
progress(`${sizes.weeks.days} days`);
const many = await runMany(sizes.many);
progress(`${sizes.many.count} conversations`);
const failures = [unread, fast, weeks, many].flatMap((result) => result.failures);
conclude('soak', { unread, fast, many, weeks }, failures, isShort);
