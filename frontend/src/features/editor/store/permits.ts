/** Who may change what: by the recording's stage, and by its parts. */
import type { Operation } from '../document/types';
import { whyOutside } from '../parts/part';
import type { EditorState } from './state';

/** Whether this person may do this in the recording's stage. */
export function permits({ mode, recording }: EditorState, { type }: Operation): boolean {
  switch (type) {
    case 'drawBox':
    case 'setBox':
    case 'judgeBox':
      return recording.can.edit_boxes;
    case 'setMark':
      return mode === 'inspect';
    default:
      return mode === 'annotate';
  }
}

/** Joints of other people's parts are theirs to change; null where nothing stands in the way. */
export function whyNotOurs(
  { part, frames }: EditorState,
  frameId: number,
  operations: readonly Operation[],
): string | null {
  if (part === null || operations.every(({ type }) => type === 'setMark')) return null;
  return whyOutside(
    frames.find(({ id }) => id === frameId),
    part,
  );
}
