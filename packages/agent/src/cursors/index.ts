export { createFileCursorStore, createFileDialogStore } from '#files';
export type { CursorStore, CursorStoreOptions } from './cursor-store.ts';
export type { DialogKey, DialogRecord, DialogStore, DialogStoreOptions } from './dialog-store.ts';
export type { FileCursorStore, FileCursorStoreOptions } from './file-cursor-store.ts';
export type { FileDialogStore, FileDialogStoreOptions } from './file-dialog-store.ts';
export { createMemoryCursorStore } from './memory-cursor-store.ts';
export { createMemoryDialogStore } from './memory-dialog-store.ts';
