import { RotateCw } from 'lucide-react';
import { useJobAction } from '@/shared/api/queries/jobs';
import { Button, toast } from '@/shared/ui';

/** Queues a failed or cancelled job again. */
export function RetryJobButton({ jobId }: { jobId: number }) {
  const retry = useJobAction('retry');
  return (
    <Button
      size="sm"
      icon={<RotateCw size={14} aria-hidden />}
      busy={retry.isPending}
      onClick={() =>
        retry.mutate(jobId, {
          onError: (error) => toast.error('The job could not be started again', error),
        })
      }
    >
      Try again
    </Button>
  );
}
