import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import type { Run } from '@/shared/api/types';
import { count, formatDate } from '@/shared/lib/format';
import { Button, Notice, toast } from '@/shared/ui';
import { useDecide } from './queries';
import css from './RunPage.module.css';
import { inScore } from './runWords';

/** What the comparison with today's pre-labeller says, and the maintainer's word on it. */
export function Proposal({ run }: { run: Run }) {
  const me = useMe();
  const decide = useDecide(run.id);
  if (!run.checkpoint) return null;
  const { comparison } = run;
  const say = (decision: 'chosen' | 'declined') =>
    decide.mutate(decision, {
      onSuccess: () =>
        toast.ok(
          decision === 'chosen'
            ? `${run.checkpoint} makes the next pre-labels`
            : 'The pre-labeller stays as it is',
        ),
      onError: (error) => toast.error('That could not be decided', error),
    });
  const decided = run.decision
    ? `${run.decision === 'chosen' ? 'Chosen' : 'Declined'}${
        run.decided_by ? ` by ${run.decided_by.name}` : ''
      }${run.decided_at ? ` on ${formatDate(run.decided_at)}` : ''}.`
    : null;
  return (
    <Notice tone="info">
      <div className={css.proposal}>
        <div>
          {comparison ? (
            <>
              <strong>{comparison.measure}</strong>: {comparison.words}
              {comparison.interval ? (
                <>
                  {' '}
                  Difference {inScore(comparison.difference)} (
                  {comparison.interval.map(inScore).join(' to ')}),{' '}
                  {count(comparison.infants, 'infant')}, {count(comparison.frames, 'picture')}.
                </>
              ) : null}
            </>
          ) : (
            <>
              The model {run.checkpoint} can make pre-labels. It was not compared with the
              pre-labeller of today.
            </>
          )}
          {decided ? <p>{decided}</p> : null}
        </div>
        {isMaintainer(me) ? (
          <div className={css.buttons}>
            {run.decision !== 'chosen' ? (
              <Button
                size="sm"
                variant={comparison?.better ? 'primary' : 'secondary'}
                busy={decide.isPending}
                onClick={() => say('chosen')}
              >
                Use for pre-labels
              </Button>
            ) : null}
            {run.decision === null ? (
              <Button
                size="sm"
                variant="ghost"
                busy={decide.isPending}
                onClick={() => say('declined')}
              >
                Leave as it is
              </Button>
            ) : null}
          </div>
        ) : null}
      </div>
    </Notice>
  );
}
