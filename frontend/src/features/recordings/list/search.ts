import { STAGES, type Stage } from '@/shared/domain/rules.gen';
import { oneOf, type RawSearch, text } from '@/shared/lib/search';

export interface RecordingsSearch {
  stage?: Stage;
  mine?: 'annotate' | 'inspect' | 'any';
  q?: string;
}

export const recordingsSearch = (raw: RawSearch): RecordingsSearch => ({
  stage: oneOf(STAGES, raw.stage),
  mine: oneOf(['annotate', 'inspect', 'any'] as const, raw.mine),
  q: text(raw.q),
});
