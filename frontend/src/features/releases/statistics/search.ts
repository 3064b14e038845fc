import { type RawSearch, text } from '@/shared/lib/search';

export interface StatisticsSearch {
  /** Only this split; empty for infants of a draft that are in none yet. */
  split?: string;
}

export const statisticsSearch = (raw: RawSearch): StatisticsSearch => ({
  split: raw.split === '' ? '' : text(raw.split),
});
