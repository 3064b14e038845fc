import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';

/** Where somebody came from to mend something elsewhere. */
export interface Errand {
  /** Address of the page that waits. */
  path: string;
  /** A part of that page. */
  hash: string;
  /** What it is called: "the gate of Crawlers 1.1.0". */
  words: string;
}

interface Store {
  errand: Errand | null;
}

/** Of this tab, and still there after the page is loaded again. */
export const useErrand = create<Store>()(
  persist((): Store => ({ errand: null }), {
    name: 'infantnet-errand',
    storage: createJSONStorage(() => sessionStorage),
  }),
);

export function beginErrand(errand: Errand): void {
  useErrand.setState({ errand });
}

export function endErrand(): void {
  useErrand.setState({ errand: null });
}
