export {
  createResyncStream,
  type Gap,
  type HistoryPage,
  type ResyncReport,
  type ResyncRetry,
  type ResyncSink,
  type ResyncSource,
  type ResyncStreamOptions,
  type StreamStart,
} from './resync-stream.ts';
