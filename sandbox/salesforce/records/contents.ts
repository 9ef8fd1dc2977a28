import { keepContents, measureAttachment, measureVersion } from '../files/keep-contents.ts';
import type { SObject } from '../schema/catalog.ts';
import type { SaveHook } from './hooks.ts';

/** Contents: which objects have rules beyond their fields. */
const hooks: Record<string, SaveHook[]> = {
  Attachment: [measureAttachment, keepContents],
  ContentVersion: [measureVersion, keepContents],
};

export const hooksOf = (sobject: SObject): SaveHook[] => hooks[sobject.name] ?? [];
