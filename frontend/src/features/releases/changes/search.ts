import { id, oneOf, type RawSearch } from '@/shared/lib/search';

export const KINDS = ['moved', 'visibility', 'box', 'posture', 'fit', 'came', 'went'] as const;
export type Kind = (typeof KINDS)[number];

export interface ChangesSearch {
  /** The earlier release; the version before by default. */
  base?: number;
  kind?: Kind;
}

export const changesSearch = (raw: RawSearch): ChangesSearch => ({
  base: id(raw.base),
  kind: oneOf(KINDS, raw.kind),
});
