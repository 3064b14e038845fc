/** What stands behind the question mark of the inspector's page. */
import { id, oneOf, type RawSearch } from '@/shared/lib/search';
import { INSPECT_FILTERS, type InspectFilter } from './filters';

export interface InspectSearch {
  show?: InspectFilter;
  /** Only frames that this person wrote last. */
  person?: number;
  camera?: number;
  /** With `show=random`: how many frames, and by which seed. */
  size?: number;
  seed?: number;
  /** The open frame, counted from 1. */
  frame?: number;
}

export const inspectSearch = (raw: RawSearch): InspectSearch => ({
  show: oneOf(INSPECT_FILTERS, raw.show),
  person: id(raw.person),
  camera: id(raw.camera),
  size: id(raw.size),
  seed: id(raw.seed),
  frame: id(raw.frame),
});
