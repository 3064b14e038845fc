/** The box as it stands on the screen: the document's place and judgement, and what is known of its mask. */
import type { Box } from '@/shared/api/types';
import { sameSkeleton, shownBox } from '../document/skeleton';
import type { Document, DrawnBox } from '../document/types';
import type { EditorState } from './state';

/** What is known of a box that the server has not seen yet. */
const FIRST: Omit<Box, keyof DrawnBox | 'made_from' | 'stale'> = {
  version: 0,
  origin: 'human',
  flagged: false,
  consistency: null,
  attempts: [],
  model: null,
  simulated: false,
  has_mask: false,
  mask_area: null,
  mask_score: null,
  mask_url: null,
  updated_at: '',
};

/** Documents never change, so that the same one gives the same box. */
const known = new WeakMap<Document, { readonly stored: Box | null; readonly box: Box }>();

/**
 * The box of a frame.
 *
 * @param document What the person sees; null while changes of an earlier visit are being merged.
 * @param stored The box as the server has it.
 */
export function boxShown(document: Document | null, stored: Box | null): Box | null {
  if (document === null) return stored;
  const drawn = shownBox(document);
  if (drawn === null) return null;
  const before = known.get(document);
  if (before !== undefined && before.stored === stored) return before.box;
  const { x, y, width, height, status } = drawn;
  const there =
    stored?.x === x && stored.y === y && stored.width === width && stored.height === height;
  const box: Box = {
    ...(stored ?? FIRST),
    ...{ x, y, width, height, status },
    made_from: drawn.madeFrom.map((joint) => ({ ...joint })),
    stale: !sameSkeleton(drawn.madeFrom, document.skeleton),
    origin: there ? stored.origin : 'human',
  };
  known.set(document, { stored, box });
  return box;
}

/** The box in the pane that a component is in. */
export const boxIn = ({ document, frame }: EditorState): Box | null =>
  boxShown(document, frame?.doc.box ?? null);
