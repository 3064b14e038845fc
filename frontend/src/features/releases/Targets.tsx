import { Plus, X } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { count, formatPercent } from '@/shared/lib/format';
import { Button, cx, IconButton, Input } from '@/shared/ui';
import { MAX_SPLITS, sumOfShares, type Target } from './form';
import { TargetBar } from './HeldBars';
import type { SideSum } from './held';
import css from './Splits.module.css';
import type { Draft } from './useDraft';

/** What a dragged row carries: the infant's id. */
export const DRAGGED = 'application/x-infant';

interface SideProps {
  target: Target;
  sum: SideSum | undefined;
  inUse: boolean;
  alone: boolean;
  onChange: (target: Target) => void;
  onRemove: () => void;
  onDrop: (infant: number) => void;
}

function Side({ target, sum, inUse, alone, onChange, onRemove, onDrop }: SideProps) {
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
      <TargetBar share={sum?.share ?? 0} target={sum?.target ?? null} />
      <p>
        {count(sum?.frames ?? 0, 'frame')}, {formatPercent(sum?.share ?? 0, 1)} ·{' '}
        {count(sum?.infants ?? 0, 'infant')}
      </p>
    </li>
  );
}

interface TargetsProps {
  draft: Draft;
  sums: readonly SideSum[];
  onDrop: (infant: number, split: string) => void;
}

/** The sides of the split with the share that each should have; rows can be dropped on them. */
export function Targets({ draft: { form, faults, set }, sums, onDrop }: TargetsProps) {
  const { targets } = form;
  const sum = sumOfShares(targets);
  const left = sum === null ? 0 : Math.max(0, Math.round((100 - sum) * 100) / 100);
  return (
    <div className={css.targets}>
      <ul>
        {targets.map((target, at) => (
          <Side
            // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are typed
            key={at}
            target={target}
            sum={sums[at]}
            inUse={(sums[at]?.infants ?? 0) > 0}
            alone={targets.length === 1}
            onChange={(next) => set({ targets: targets.map((old, i) => (i === at ? next : old)) })}
            onRemove={() => set({ targets: targets.filter((_, i) => i !== at) })}
            onDrop={(infant) => onDrop(infant, target.name)}
          />
        ))}
      </ul>
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
    </div>
  );
}
