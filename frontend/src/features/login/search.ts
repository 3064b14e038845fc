import { ownPath, type RawSearch } from '@/shared/lib/search';

/** `next`: where to go after the log-in. */
export const loginSearch = (raw: RawSearch): { next?: string } => ({ next: ownPath(raw.next) });
