export type { CursorStore, CursorStoreOptions } from './cursor-store.ts';
export { createFileCursorStore, type FileCursorStore, type FileCursorStoreOptions } from './file-cursor-store.ts';
export { createMemoryCursorStore } from './memory-cursor-store.ts';
