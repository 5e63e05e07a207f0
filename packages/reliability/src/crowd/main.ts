import { asked, conclude, progress } from '../report/campaign.ts';
import { runCrowd } from './run-crowd.ts';

const { sizes, isShort } = asked({ consumers: 10_000, agents: 50 });
const result = await runCrowd({ ...sizes, onProgress: progress });
conclude('crowd', result, result.failures, isShort);
