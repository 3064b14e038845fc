import { createContext, use } from 'react';
import type { Job, Release } from '@/shared/api/types';

export interface OpenRelease {
  release: Release;
  /** Its last job, as the live events have it. */
  job: Job | null;
}

export const ReleaseContext = createContext<OpenRelease | null>(null);

/** The release of the page that this tab stands in. */
export function useOpenRelease(): OpenRelease {
  const open = use(ReleaseContext);
  if (!open) throw new Error('This part stands in the page of a release.');
  return open;
}
