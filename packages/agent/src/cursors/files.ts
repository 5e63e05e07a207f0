export { createFileCursorStore } from './file-cursor-store.ts';
export { createFileDialogStore } from './file-dialog-store.ts';
