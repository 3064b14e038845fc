/** What a person does in a recording, and the tool that rests in the hand meanwhile. */
import type { RecordingDetail } from '@/shared/api/types';
import type { Mode } from '../frames/navigation';
import type { ToolId } from './state';

/** Annotators change joints, inspectors review; everybody else looks. */
export function modeOf({ can, stage }: RecordingDetail): Mode {
  if (can.edit) return 'annotate';
  if (can.review_boxes) return 'boxes';
  if (can.review && stage === 'inspecting') return 'inspect';
  return 'read';
}

export const homeTool = (mode: Mode): ToolId => (mode === 'boxes' ? 'box' : 'select');
