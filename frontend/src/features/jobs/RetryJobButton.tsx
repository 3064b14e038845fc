import { RotateCw } from 'lucide-react';
import { useJobAction } from '@/shared/api/queries/jobs';
import type { Job } from '@/shared/api/types';
import { Button, toast } from '@/shared/ui';

/** Whether the same work can end otherwise: a file of predictions that was refused stays so. */
const mayHelp = (job: Job) => job.kind !== 'evaluate' || job.result?.bad_input !== true;

/** Queues a failed or cancelled job again, where that can help. */
export function RetryJobButton({ job }: { job: Job }) {
  const retry = useJobAction('retry');
  if (!mayHelp(job)) return null;
  return (
    <Button
      size="sm"
      icon={<RotateCw size={14} aria-hidden />}
      busy={retry.isPending}
      onClick={() =>
        retry.mutate(job.id, {
          onError: (error) => toast.error('The job could not be started again', error),
        })
      }
    >
      Try again
    </Button>
  );
}
