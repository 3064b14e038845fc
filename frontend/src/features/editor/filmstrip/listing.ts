/** What the strip and the pictures show while a filter is on. */
import { orderFor } from '../multiview/panes';
import type { EditorState } from '../store/state';

export interface Listing {
  /** Indices of the frames that are shown, in their order. */
  readonly listed: readonly number[];
  /** Those among them that keys step through; null: all. */
  readonly matching: ReadonlySet<number> | null;
  /** Ids of the frames whose changes the server refused. */
  readonly refused: ReadonlySet<number>;
}

type Filtered = Pick<
  EditorState,
  'frames' | 'part' | 'recording' | 'mode' | 'views' | 'filter' | 'order' | 'refused'
>;

/** A filter dims the other frames where they are, or leaves them out where a person wants that. */
export function listingOf(state: Filtered, onlyMatching: boolean): Listing {
  const refused = new Set(state.refused);
  if (state.filter === 'all' || onlyMatching) {
    return { listed: state.order, matching: null, refused };
  }
  return { listed: orderFor(state, 'all'), matching: new Set(state.order), refused };
}
