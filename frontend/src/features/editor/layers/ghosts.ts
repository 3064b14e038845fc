/** Which other skeletons of a frame can be drawn behind the one that is worked at. */
import type { Skeleton } from '../document/types';
import type { EditorState, Ghost } from '../store/state';

export const GHOST_LABELS: Readonly<Record<Ghost, string>> = {
  off: 'Nothing',
  round: 'Last round',
  model: 'Model',
  before: 'Frame before',
};

/** Where each comes from; null where there is none. */
export type GhostSources = Readonly<Record<Exclude<Ghost, 'off'>, Skeleton | null>>;

interface Ghosts {
  /** In the order in which a key goes through them; `off` is always the first. */
  readonly possible: readonly Ghost[];
  /** What is drawn now. */
  readonly shown: Ghost;
}

/**
 * What there is to draw, and what is drawn.
 *
 * Whoever wishes for the last round sees the model in the first round when they review: that is
 * what the annotator began with.
 */
export function ghostsOf({ view, mode }: EditorState, sources: GhostSources): Ghosts {
  const possible: Ghost[] = ['off'];
  for (const ghost of ['round', 'model', 'before'] as const) {
    if (sources[ghost] !== null) possible.push(ghost);
  }
  if (possible.includes(view.ghost)) return { possible, shown: view.ghost };
  const instead = view.ghost === 'round' && (mode === 'inspect' || mode === 'read');
  return { possible, shown: instead && possible.includes('model') ? 'model' : 'off' };
}

/** The skeletons that a state knows by itself: of the last round, and of the model. */
export function ghostsInFrame({
  frame,
  document,
}: EditorState): Pick<GhostSources, 'round' | 'model'> {
  if (frame === null) return { round: null, model: null };
  const { doc, candidates } = frame;
  const likeliest = [...doc.candidates].sort((a, b) => a.rank - b.rank)[0];
  const chosen = document?.candidateId ?? likeliest?.id ?? -1;
  return {
    round: doc.previous?.joints ?? null,
    model: candidates.get(chosen) ?? null,
  };
}
