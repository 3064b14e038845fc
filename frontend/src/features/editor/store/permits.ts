/** Who may change what in the recording's stage. */
import type { Operation } from '../document/types';
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
