import { useQuery } from '@tanstack/react-query';
import { systemQuery } from '@/shared/api/queries/system';
import { count } from '@/shared/lib/format';
import { Notice } from '@/shared/ui';
import css from './JobsPage.module.css';

const LOOK_AGAIN_MS = 15_000;

const NAMES: Record<string, string> = {
  'worker-cpu': 'The worker for imports and exports',
  'worker-gpu': 'The worker for models',
  dispatcher: 'The dispatcher, which hands jobs to workers,',
};

/** Who does the work; says so plainly when nobody does. */
export function WorkersLine() {
  const { data } = useQuery({ ...systemQuery, refetchInterval: LOOK_AGAIN_MS });
  if (!data) return null;
  const down = data.down.map((process) => (
    <div key={process.name} className={css.workers}>
      <Notice tone="warn">
        {NAMES[process.name] ?? process.name} ended {count(process.failures, 'time')} in a row and
        is started again after growing pauses; everything else continues. Why it ended is in{' '}
        <code>{process.log}</code>.
      </Notice>
    </div>
  ));
  if (!data.workers.length) {
    return down.length ? (
      down
    ) : (
      <div className={css.workers}>
        <Notice tone="warn">
          No worker is running, so jobs wait. <code>make run</code> starts one with the server.
        </Notice>
      </div>
    );
  }
  const devices = data.workers
    .filter((w) => w.queues.includes('gpu'))
    .map((w) => (w.device === 'cpu' ? 'the processor (CPU, slow)' : w.device));
  return (
    <>
      {down}
      <p className={css.workersLine}>
        {count(data.workers.length, 'worker')} running.{' '}
        {!data.models_installed
          ? 'The model packages are not installed, so model jobs cannot run here.'
          : devices.length
            ? `Models run on ${[...new Set(devices)].join(' and ')}.`
            : 'No worker takes model jobs.'}
      </p>
    </>
  );
}
