export {
  createResyncStream,
  type Gap,
  type HistoryPage,
  type ResyncCause,
  type ResyncReport,
  type ResyncSink,
  type ResyncStreamOptions,
  type StreamStart,
} from './resync-stream.ts';
