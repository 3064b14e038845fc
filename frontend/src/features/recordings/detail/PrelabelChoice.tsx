import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { systemQuery, weightsQuery } from '@/shared/api/queries/system';
import type { Weight } from '@/shared/api/types';
import { Field, Notice, Select, Skeleton } from '@/shared/ui';
import css from './EventDialog.module.css';

interface PrelabelWeights {
  loading: boolean;
  present: Weight[];
  best: Weight | undefined;
  installed: boolean;
  /** What the computer runs models on, in words; undefined without a worker for them. */
  device: string | undefined;
}

/**
 * What is chosen beforehand: what the server would take. Weights for demonstration are so for the
 * demo's recordings alone, and there before all that comes with the product.
 */
export function bestWeight(present: readonly Weight[], demo: boolean): Weight | undefined {
  const finders = present.filter((w) => w.takes === 'image');
  const shown = demo ? finders.find((w) => w.demonstration) : undefined;
  const used = present.find((w) => w.in_use);
  return (
    (used?.origin === 'shipped' ? (shown ?? used) : used) ??
    finders.find((w) => !w.demonstration) ??
    (demo ? finders[0] : undefined)
  );
}

/** `demo`: the recording came with the demo. */
export function usePrelabelWeights(enabled: boolean, demo: boolean): PrelabelWeights {
  const { data: weights } = useQuery({ ...weightsQuery, enabled });
  const { data: system } = useQuery({ ...systemQuery, enabled });
  const present = weights?.filter((w) => w.kind === 'pose' && w.present) ?? [];
  const worker = system?.workers.find((w) => w.queues.includes('gpu'));
  return {
    loading: enabled && (!weights || !system),
    present,
    best: bestWeight(present, demo),
    installed: system?.models_installed ?? true,
    device: worker?.device,
  };
}

interface PrelabelChoiceProps {
  weights: PrelabelWeights;
  chosen: string | undefined;
  onChoose: (name: string) => void;
  /** Whether the recording came with the demo. */
  demo: boolean;
  /** For weights that take boxes of people: what finds them. */
  boxesFrom: string | undefined;
  onChooseBoxes: (name: string) => void;
}

/** Instead of weights that find people; the server knows it by this name. */
const WHOLE_PICTURE = 'whole picture';

/** What may find the people for weights that take boxes of them; the best one first. */
export function boxSources(weights: PrelabelWeights): string[] {
  const finders = weights.present.filter((w) => w.takes === 'image');
  const best = finders.find((w) => w.in_use) ?? finders.find((w) => !w.demonstration);
  const others = finders.filter((w) => w !== best);
  return [...(best ? [best] : []), ...others].map((w) => w.name).concat(WHOLE_PICTURE);
}

/** Which weights are used, or what is missing and how to get it. */
export function PrelabelChoice({
  weights,
  chosen,
  onChoose,
  demo,
  boxesFrom,
  onChooseBoxes,
}: PrelabelChoiceProps) {
  if (weights.loading) return <Skeleton height={48} />;
  if (!weights.installed) {
    return (
      <Notice tone="warn">
        The model packages are not installed on this machine. Start with{' '}
        <code>make run MODELS=1</code>, then try again.
      </Notice>
    );
  }
  if (!weights.present.length) {
    return (
      <Notice tone="warn">
        No checkpoint for joints is on this machine, so the job would stop at once with an error.{' '}
        <Link to="/models">Download or add one</Link> first.
      </Notice>
    );
  }
  const onlyDemonstration = weights.present.every((w) => w.demonstration);
  const weight = weights.present.find((w) => w.name === chosen);
  const finder = weights.present.find((w) => w.name === boxesFrom);
  const forDemo = [weight, finder].find((w) => w?.demonstration);
  return (
    <div className={css.choice}>
      <Field label="Checkpoint" help={weight?.title}>
        {(control) => (
          <Select {...control} value={chosen ?? ''} onChange={(e) => onChoose(e.target.value)}>
            {chosen ? null : <option value="">None chosen</option>}
            {weights.present.map((w) => (
              <option key={w.name} value={w.name}>
                {w.name}
                {w.untrained ? ' (untrained: for tests only)' : ''}
                {w.demonstration ? ' (demonstration only)' : ''}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {weight?.takes === 'boxes' ? (
        <Field
          label="Boxes of people"
          help={
            boxesFrom === WHOLE_PICTURE
              ? 'The model looks for one person, who should fill the picture.'
              : 'This checkpoint looks at one person at a time; another one finds where people are.'
          }
        >
          {(control) => (
            <Select
              {...control}
              value={boxesFrom ?? ''}
              onChange={(e) => onChooseBoxes(e.target.value)}
            >
              {boxSources(weights).map((name) => (
                <option key={name} value={name}>
                  {name === WHOLE_PICTURE ? 'The whole picture is one box' : `Found by ${name}`}
                </option>
              ))}
            </Select>
          )}
        </Field>
      ) : null}
      {onlyDemonstration && !chosen ? (
        <Notice tone="warn">
          The only checkpoints on this machine are for demonstration.{' '}
          <Link to="/models">Download or add another</Link> first.
        </Notice>
      ) : null}
      {weights.device === 'cpu' ? (
        <Notice>There is no GPU here: the processor (CPU) does the work, which is slow.</Notice>
      ) : null}
      {weights.device === undefined ? (
        <Notice tone="warn">
          No worker takes model jobs at present: the job will wait for one.
        </Notice>
      ) : null}
      {forDemo && !demo ? (
        <Notice tone="warn">
          {forDemo.name} knows rendered infants only. It is for the demo, and of no use on a real
          recording.
        </Notice>
      ) : null}
      {weight?.untrained ? (
        <Notice tone="warn">An untrained checkpoint places joints at random.</Notice>
      ) : null}
    </div>
  );
}
