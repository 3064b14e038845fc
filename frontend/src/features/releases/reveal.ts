import { create } from 'zustand';

/** The infant that the page was asked to show in its table, however long that is. */
export const useRevealed = create<{ infant: number | null }>(() => ({ infant: null }));

export function reveal(infant: number | null): void {
  useRevealed.setState({ infant });
}
