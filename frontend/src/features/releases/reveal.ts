import { create } from 'zustand';

/** The infant that the page was asked to show in its table, however long that is. */
export const useRevealed = create<{ infant: number | null }>(() => ({ infant: null }));

/** Whether a row is on its way to a split: the splits then stay in view. */
export const useDragging = create<{ dragging: boolean }>(() => ({ dragging: false }));

export function reveal(infant: number | null): void {
  useRevealed.setState({ infant });
}
