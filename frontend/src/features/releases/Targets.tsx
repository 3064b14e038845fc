import { Plus, X } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { count } from '@/shared/lib/format';
import { Button, cx, Field, IconButton, Input, Select } from '@/shared/ui';
import { FramesLink } from './FramesLink';
import { DEFAULT_TARGETS, MAX_SPLITS, sidesOf, sumOfShares, type Target } from './form';
import { TargetBar, whole } from './HeldBars';
import type { SideSum } from './held';
import { useDragging } from './reveal';
import css from './Splits.module.css';
import type { Draft } from './useDraft';

/** What a dragged row carries: the infant's id. */
export const DRAGGED = 'application/x-infant';

/** So many sides stay in view above a long table; more would cover it. */
const MAX_STICKY = 5;

interface SideProps {
  releaseId: number;
  target: Target;
  sum: SideSum | undefined;
  inUse: boolean;
  alone: boolean;
  /** A fold has a fixed name and share. */
  fold: boolean;
  onChange: (target: Target) => void;
  onRemove: () => void;
  onDrop: (infant: number) => void;
}

function Side({
  releaseId,
  target,
  sum,
  inUse,
  alone,
  fold,
  onChange,
  onRemove,
  onDrop,
}: SideProps) {
  const [over, setOver] = useState(false);
  const carries = (e: DragEvent) => e.dataTransfer.types.includes(DRAGGED);
  const label = target.name || 'new split';
  return (
    <li
      className={cx(css.side, over && css.over)}
      onDragOver={(e) => {
        if (!carries(e)) return;
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        setOver(false);
        const infant = Number(e.dataTransfer.getData(DRAGGED));
        if (!infant) return;
        e.preventDefault();
        onDrop(infant);
      }}
    >
      {fold ? (
        <strong>{target.name}</strong>
      ) : (
        <div className={css.sideHead}>
          <Input
            aria-label={`Name of the split ${label}`}
            value={target.name}
            disabled={inUse}
            title={inUse ? 'Infants are in it: its name stays.' : undefined}
            onChange={(e) => onChange({ ...target, name: e.target.value })}
          />
          <Input
            aria-label={`Target share of ${label} in percent`}
            className={css.percent}
            inputMode="decimal"
            value={target.share}
            onChange={(e) => onChange({ ...target, share: e.target.value })}
          />
          <span>%</span>
          <IconButton
            label={inUse ? 'Infants are in this split' : `Remove ${label}`}
            size="sm"
            disabled={inUse || alone}
            onClick={onRemove}
          >
            <X size={14} />
          </IconButton>
        </div>
      )}
      <TargetBar share={sum?.share ?? 0} target={sum?.target ?? null} />
      <p>
        <FramesLink releaseId={releaseId} search={{ split: sum?.name ?? target.name }}>
          {count(sum?.frames ?? 0, 'frame')}
        </FramesLink>
        , {whole(sum?.share ?? 0)} · {count(sum?.infants ?? 0, 'infant')}
      </p>
    </li>
  );
}

/** How the selection is divided: by shares, or into folds of one size. */
function Division({ draft: { form, faults, set } }: { draft: Draft }) {
  const folds = form.folds !== null;
  return (
    <div className={css.division}>
      <Field label="Divide by">
        {(control) => (
          <Select
            {...control}
            value={folds ? 'folds' : 'shares'}
            onChange={(e) =>
              set(
                e.target.value === 'folds'
                  ? { folds: '5', bySource: {} }
                  : {
                      folds: null,
                      targets: isFolds(form.targets) ? DEFAULT_TARGETS : form.targets,
                    },
              )
            }
          >
            <option value="shares">Target shares</option>
            <option value="folds">k folds, for cross-validation</option>
          </Select>
        )}
      </Field>
      {folds ? (
        <Field
          label="Folds"
          error={faults.folds}
          help="Of one size, as nearly as whole groups allow. Each is once the test set, the others are the training set."
        >
          {(control) => (
            <Input
              {...control}
              className={css.percent}
              inputMode="numeric"
              value={form.folds ?? ''}
              onChange={(e) => set({ folds: e.target.value })}
            />
          )}
        </Field>
      ) : null}
    </div>
  );
}

const isFolds = (targets: readonly Target[]) =>
  targets.every(({ name }) => name.startsWith('fold_'));

interface TargetsProps {
  releaseId: number;
  draft: Draft;
  sums: readonly SideSum[];
  onDrop: (infants: readonly number[], split: string) => void;
}

/** The sides of the split with the share that each should have; rows can be dropped on them. */
export function Targets({ releaseId, draft, sums, onDrop }: TargetsProps) {
  const { form, faults, set } = draft;
  const { dragging } = useDragging();
  const { targets } = form;
  const folds = form.folds !== null;
  const sides = sidesOf(form);
  const sum = sumOfShares(targets);
  const left = sum === null ? 0 : Math.max(0, Math.round((100 - sum) * 100) / 100);
  return (
    <div className={css.targets}>
      <Division draft={draft} />
      <ul className={cx(dragging && sides.length <= MAX_STICKY && css.sticky)}>
        {sides.map((target, at) => (
          <Side
            // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are typed
            key={at}
            releaseId={releaseId}
            target={target}
            sum={sums[at]}
            inUse={(sums[at]?.infants ?? 0) > 0}
            alone={targets.length === 1}
            fold={folds}
            onChange={(next) => set({ targets: targets.map((old, i) => (i === at ? next : old)) })}
            onRemove={() => set({ targets: targets.filter((_, i) => i !== at) })}
            onDrop={(infant) => onDrop([infant], target.name)}
          />
        ))}
      </ul>
      {folds ? null : (
        <div className={css.under}>
          <Button
            size="sm"
            variant="ghost"
            icon={<Plus size={14} aria-hidden />}
            disabled={targets.length >= MAX_SPLITS}
            onClick={() => set({ targets: [...targets, { name: '', share: String(left) }] })}
          >
            Add a split
          </Button>
          {faults.targets ? <p className={css.fault}>{faults.targets}</p> : null}
        </div>
      )}
    </div>
  );
}
