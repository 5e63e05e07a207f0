import { asked, conclude, progress } from '../report/campaign.ts';
import { collectCorpus } from './corpus.ts';
import { fuzzDecode } from './fuzz-decode.ts';
import { fuzzHttp } from './fuzz-http.ts';
import { fuzzLive } from './fuzz-live.ts';

const { seed, sizes, isShort } = asked({ decode: 1_000_000, live: 100_000, http: 5_000 });
const corpus = await collectCorpus();
progress(`${corpus.frames.length} frames and ${corpus.http.size} HTTP responses to make wrong ones of`);
const decode = await fuzzDecode(corpus, { count: sizes.decode, seed });
progress(`${sizes.decode} inputs read`);
const live = await fuzzLive(corpus, { count: sizes.live, seed });
progress(`${sizes.live} frames sent to a live agent`);
const http = await fuzzHttp(corpus, { count: sizes.http, seed });
const failures = [decode, live, http].flatMap((result) => result.failures);
conclude(
  'fuzz',
  { seed, frames: corpus.frames.length, httpResponses: corpus.http.size, decode, live, http },
  failures,
  isShort,
);
