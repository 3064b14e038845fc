import { oneOf, type RawSearch } from '@/shared/lib/search';

export const TABS = ['agreement', 'pairs', 'people', 'rules'] as const;
export const AGAINST = ['people', 'gold'] as const;

export type Tab = (typeof TABS)[number];

export interface QualitySearch {
  tab?: Tab;
  against?: (typeof AGAINST)[number];
}

export const qualitySearch = (raw: RawSearch): QualitySearch => ({
  tab: oneOf(TABS, raw.tab),
  against: oneOf(AGAINST, raw.against),
});
