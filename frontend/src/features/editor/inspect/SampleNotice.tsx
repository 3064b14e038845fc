import type { Vouching } from '@/shared/api/types';
import { Notice } from '@/shared/ui/States';
import { openSample, sampleWords, whySampleWaits } from './words';

/** A random sample that is not finished: its size and seed, and what of it is still to be seen. */
export function SampleNotice({ vouching }: { vouching: Vouching | undefined }) {
  const sample = openSample(vouching);
  if (sample === null) return null;
  const why = whySampleWaits(vouching);
  return (
    <Notice tone={why === null ? 'info' : 'warn'}>
      {why ?? `${sampleWords(sample)}: all of it is looked at and marked.`}
    </Notice>
  );
}
