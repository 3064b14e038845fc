import { id, oneOf, type RawSearch, text } from '@/shared/lib/search';
import { SHOWN, type Shown } from './standing';

export interface InfantSearch {
  /** What the pseudonym or the document holds. */
  q?: string;
  shown?: Shown;
  /** Whose drawer is open. */
  infant?: number;
}

export const infantSearch = (raw: RawSearch): InfantSearch => ({
  q: text(raw.q),
  shown: oneOf(SHOWN, raw.shown),
  infant: id(raw.infant),
});
