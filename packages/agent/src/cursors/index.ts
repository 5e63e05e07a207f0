export type { CursorStore, CursorStoreOptions } from './cursor-store.ts';
export type { DialogKey, DialogRecord, DialogStore, DialogStoreOptions } from './dialog-store.ts';
export { createFileCursorStore, type FileCursorStore, type FileCursorStoreOptions } from './file-cursor-store.ts';
export { createFileDialogStore, type FileDialogStore, type FileDialogStoreOptions } from './file-dialog-store.ts';
export { createMemoryCursorStore } from './memory-cursor-store.ts';
export { createMemoryDialogStore } from './memory-dialog-store.ts';
