/** What the filmstrip shows of a frame as its document is now. */
import type { FrameItem } from '@/shared/api/types';
import { changedJoints, stateOf } from '../document/skeleton';
import type { Document, Skeleton } from '../document/types';
import type { LoadedFrame } from '../frames/FrameCache';
import type { Mode } from '../frames/navigation';
import { boxShown } from './boxShown';

/** `inferred` are joints that nobody placed, which the document may have taken. */
export function cellOf(
  document: Document,
  { doc, candidates }: LoadedFrame,
  inferred: Skeleton | null,
  mode: Mode,
): Partial<FrameItem> {
  const { previous } = doc;
  const { verdict, reason } = document.decision;
  const box = boxShown(document, doc.box);
  return {
    state: stateOf(document, candidates, inferred),
    reason,
    changed:
      previous !== null &&
      (previous.verdict !== verdict ||
        previous.reason !== reason ||
        changedJoints(previous.joints, document.skeleton).length > 0),
    box: box && {
      flagged: box.flagged,
      stale: box.stale,
      status: box.status,
      consistency: box.consistency,
    },
    ...(mode === 'annotate' ? { returned: false } : {}),
    ...(mode === 'inspect' ? { mark: document.mark } : {}),
  };
}
