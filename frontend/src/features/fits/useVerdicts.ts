import { useState } from 'react';
import { judgeable, readyToVerify } from '@/features/fits/bodies/facts';
import type { Fit, FitRejection, FitStatus } from '@/features/fits/bodies/types';
import { count } from '@/shared/lib/format';
import { toast } from '@/shared/ui';
import { useJudgeFits } from './queries';
import { selectedFits, type Workbench } from './workbench';

const DONE: Record<FitStatus, string> = {
  verified: 'verified',
  rejected: 'rejected',
  fitted: 'open again',
};

export interface Verdicts {
  /** Fits of the selected moments. */
  selected: Fit[];
  busy: boolean;
  /** What was saved last, in words. */
  done: string | null;
  rejecting: boolean;
  verifyingAll: boolean;
  verify: () => void;
  /** Opens the list of reasons. */
  reject: () => void;
  rejectFor: (reason: FitRejection, text?: string) => void;
  stopRejecting: () => void;
  undo: () => void;
  askVerifyAll: () => void;
  stopVerifyingAll: () => void;
  verifyAll: () => void;
}

/** What an inspector does with the fits of the selected moments. */
export function useVerdicts(bench: Workbench): Verdicts {
  const judge = useJudgeFits(bench.recording.id);
  const [rejecting, setRejecting] = useState(false);
  const [verifyingAll, setVerifyingAll] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  const selected = selectedFits(bench);

  const send = (
    fits: readonly Fit[],
    status: FitStatus,
    more: { reason?: FitRejection; text?: string } = {},
  ) => {
    judge.mutate(
      { fits, status, ...more },
      {
        onSuccess: () => {
          setDone(`${count(fits.length, 'fit')} ${DONE[status]}`);
          setRejecting(false);
          setVerifyingAll(false);
        },
        onError: (error) => toast.error('The verdict was not saved', error),
      },
    );
  };
  const allowed = (fits: readonly Fit[]): boolean => {
    if (judge.isPending) return false;
    if (!bench.data.may_judge) {
      toast.error(
        'No verdict was given',
        new Error(bench.data.why_not_judge ?? 'You may not give verdicts here.'),
      );
      return false;
    }
    if (fits.length) return true;
    toast.info('There is nothing to judge here');
    return false;
  };
  const judgeSelected = (status: FitStatus) => {
    const fits = judgeable(selected, status);
    const stale = status === 'verified' && selected.some((f) => f.stale);
    if (!fits.length && stale) {
      toast.error(
        'Not verified',
        new Error('Joints or scans changed after this fit: fit it again.'),
      );
      return;
    }
    if (allowed(fits)) send(fits, status);
  };

  return {
    selected,
    busy: judge.isPending,
    done,
    rejecting,
    verifyingAll,
    verify: () => judgeSelected('verified'),
    reject: () => {
      if (allowed(selected)) setRejecting(true);
    },
    rejectFor: (reason, text) => send(selected, 'rejected', { reason, text }),
    stopRejecting: () => setRejecting(false),
    undo: () => judgeSelected('fitted'),
    askVerifyAll: () => {
      if (allowed(readyToVerify(bench.data.fits))) setVerifyingAll(true);
    },
    stopVerifyingAll: () => setVerifyingAll(false),
    verifyAll: () => send(readyToVerify(bench.data.fits), 'verified'),
  };
}
