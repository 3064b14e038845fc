import type { Dataset, ReleaseItem } from '@/shared/api/types';
import { compareVersions } from './versions';

export interface Group {
  dataset: Dataset;
  /** Highest version first. */
  releases: ReleaseItem[];
}

/** Releases by dataset, in the order of the datasets; those without a release as well. */
export function groupsOf(datasets: readonly Dataset[], releases: readonly ReleaseItem[]): Group[] {
  return datasets.map((dataset) => ({
    dataset,
    releases: releases
      .filter((release) => release.dataset.id === dataset.id)
      .sort((a, b) => compareVersions(b.version, a.version)),
  }));
}
