import { useMemo } from 'react';
import type { FrameItem } from '@/shared/api/types';
import { isModified } from '../document/skeleton';
import type { Document, Skeleton } from '../document/types';
import { useEditor, useEditorParts } from '../store/context';
import type { EditorState } from '../store/state';
import { openJoints } from '../suspicion/book';
import { type Check, checksOf, doubtfulJoints } from './checks';
import type { LoadedFrame } from './FrameCache';
import { isUnscored } from './scores';

export interface Concerns {
  readonly checks: readonly Check[];
  /** Joints of failed checks, and of low confidence where nobody moved them. */
  readonly concerned: ReadonlySet<number>;
  /** The model's scores of the chosen person; null where a person placed the joints. */
  readonly scores: readonly number[] | null;
  readonly modified: boolean;
}

const NONE: Concerns = { checks: [], concerned: new Set(), scores: null, modified: false };

/** Those of the frames on the screen: several components ask for the same. */
const concernsMade = new WeakMap<
  LoadedFrame,
  {
    document: Document;
    inferred: boolean;
    suspicions: EditorState['suspicions'];
    concerns: Concerns;
  }
>();

/** What deserves a second look in the frame on the canvas. */
export function useConcerns(useParts = useEditorParts): Concerns {
  const editor = useEditor();
  const { document, frame, inferred, suspicions } = useParts((s) => ({
    document: s.document,
    frame: s.frame,
    inferred: s.inferred !== null,
    suspicions: s.suspicions,
  }));
  return useMemo(() => {
    if (document === null || frame === null) return NONE;
    const made = concernsMade.get(frame);
    if (
      made?.document === document &&
      made.inferred === inferred &&
      made.suspicions === suspicions
    ) {
      return made.concerns;
    }
    const known = (id: number): Skeleton | null =>
      editor.queue.documentOf(id)?.skeleton ?? editor.cache.document(id)?.annotation.joints ?? null;
    const { frames, index } = editor.state;
    const found = concernsOf(document, frame, skeletonBefore(frames, index, frame, known));
    // Nobody moved what was inferred: it is another machine's word.
    const modified = !inferred && found.modified;
    const doubted = openJoints(suspicions, frame.doc.id).map(({ joint }) => joint);
    const concerned = new Set([...found.concerned, ...doubted]);
    const concerns = { ...found, modified, concerned };
    concernsMade.set(frame, { document, inferred, suspicions, concerns });
    return concerns;
  }, [editor, document, frame, inferred, suspicions]);
}

function concernsOf(document: Document, frame: LoadedFrame, before: Skeleton | null): Concerns {
  const { doc, candidates } = frame;
  const checks = checksOf(document.skeleton, doc, before);
  const person = doc.candidates.find((candidate) => candidate.id === document.candidateId);
  const machine = candidates.get(document.candidateId ?? -1) ?? null;
  const scores = person && !isUnscored(person) ? person.scores : null;
  const concerned = new Set([
    ...checks.flatMap((check) => check.joints),
    ...doubtfulJoints(document.skeleton, machine, scores),
  ]);
  return {
    checks,
    concerned,
    scores,
    modified: isModified(document, candidates),
  };
}

/** The same camera's frame before, if it is known and near in time. */
function skeletonBefore(
  frames: readonly FrameItem[],
  current: number,
  { doc }: LoadedFrame,
  known: (frameId: number) => Skeleton | null,
): Skeleton | null {
  const index = frames[doc.position]?.id === doc.id ? doc.position : current;
  for (let i = index - 1; i >= Math.max(0, index - 8); i--) {
    const item = frames[i];
    if (item?.camera_id !== doc.camera_id) continue;
    return item.state === 'accepted' || item.state === 'corrected' ? known(item.id) : null;
  }
  return null;
}
