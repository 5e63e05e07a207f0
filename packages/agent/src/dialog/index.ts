export {
  createResyncStream,
  type Gap,
  type HistoryPage,
  type ResyncCause,
  type ResyncReport,
  type ResyncRetry,
  type ResyncSink,
  type ResyncSource,
  type ResyncStreamOptions,
  type StreamStart,
} from './resync-stream.ts';
