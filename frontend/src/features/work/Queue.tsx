import { useQuery } from '@tanstack/react-query';
import { ListStart } from 'lucide-react';
import { useOpenEditor } from '@/features/recordings/parts/useOpenEditor';
import { queueQuery, useTakeNext } from '@/shared/api/queries/team';
import { count, formatDateTime } from '@/shared/lib/format';
import { Button, toast } from '@/shared/ui';
import css from './WorkPage.module.css';

/** Takes the next recording of the queue; nobody else is given it while its holder works. */
export function Queue() {
  const { data } = useQuery(queueQuery);
  const take = useTakeNext();
  const open = useOpenEditor();
  if (!data?.may_pull || (data.waiting === 0 && !data.held)) return null;
  const go = () =>
    take.mutate(undefined, {
      onSuccess: (recording) => void open({ id: recording.id, stage: 'annotating' }),
      onError: (error) => toast.error('No recording was taken', error),
    });
  return (
    <section className={css.queue} aria-labelledby="queue-title">
      <ListStart size={20} aria-hidden />
      <div>
        <h2 id="queue-title">
          {data.held ? `You took “${data.held.name}”` : 'Take the next recording'}
        </h2>
        <p>
          {data.held && data.held_until
            ? `It is yours while you work on it. Without a save until ${formatDateTime(data.held_until)} it is offered to others; what you saved stays.`
            : `${count(data.waiting, 'recording')} ${data.waiting === 1 ? 'waits' : 'wait'}, the longest waiting first. Nobody else gets yours while you work on it.`}
        </p>
      </div>
      <Button variant="primary" busy={take.isPending} onClick={go}>
        {data.held ? 'Continue' : 'Take the next'}
      </Button>
    </section>
  );
}
