import { type Document, UNDECIDED } from '../document/types';

export const EMPTY_DOCUMENT: Document = {
  candidateId: null,
  skeleton: null,
  decision: UNDECIDED,
  box: null,
  mark: null,
};
