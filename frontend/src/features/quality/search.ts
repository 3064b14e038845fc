import { oneOf, type RawSearch } from '@/shared/lib/search';

export const TABS = ['agreement', 'pairs', 'people', 'prelabels', 'rules'] as const;
export const AGAINST = ['people', 'gold'] as const;

export type Tab = (typeof TABS)[number];
export type Against = (typeof AGAINST)[number];

export interface QualitySearch {
  tab?: Tab;
  against?: Against;
}

export const qualitySearch = (raw: RawSearch): QualitySearch => ({
  tab: oneOf(TABS, raw.tab),
  against: oneOf(AGAINST, raw.against),
});
