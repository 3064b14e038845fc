/** What the address of the editor may ask for beside the frame. */

export interface EditorSearch {
  /** How several cameras share the screen. */
  views?: string;
  /** A joint to select when the frame opens, by its number. */
  joint?: number;
}

export function editorSearch(search: Record<string, unknown>): EditorSearch {
  const joint = Number(search.joint ?? Number.NaN);
  return {
    ...(typeof search.views === 'string' ? { views: search.views } : {}),
    ...(Number.isInteger(joint) && joint >= 0 && joint < 17 ? { joint } : {}),
  };
}

/** The joint that a link led to; asked before the address follows the walk. */
export function askedJoint(): number | null {
  const found = editorSearch(Object.fromEntries(new URLSearchParams(location.search)));
  return found.joint ?? null;
}
