import { collectCorpus } from './corpus.ts';
import { fuzzDecode } from './fuzz-decode.ts';
import { fuzzHttp } from './fuzz-http.ts';
import { fuzzLive } from './fuzz-live.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const [decodes = 1_000_000, lives = 100_000, https = 3_000] = process.argv.slice(2).map(Number);
console.log(`seed ${seed}`);
const corpus = await collectCorpus();
console.log(`${corpus.frames.length} frames and ${corpus.http.size} HTTP answers to make wrong ones of`);
const startedAt = performance.now();
console.log(await fuzzDecode(corpus, { count: decodes, seed }), performance.now() - startedAt);
console.log(await fuzzLive(corpus, { count: lives, seed }), performance.now() - startedAt);
console.log(await fuzzHttp(corpus, { count: https, seed }), performance.now() - startedAt);
