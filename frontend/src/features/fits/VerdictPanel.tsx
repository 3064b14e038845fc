import { CheckCheck, RefreshCcw, ThumbsDown, ThumbsUp, Undo2 } from 'lucide-react';
import { LOOK_LABELS, lookOf, readyToVerify } from '@/features/fits/bodies/facts';
import { labelOf } from '@/shared/domain/words';
import { count, formatRelative } from '@/shared/lib/format';
import { Badge, Button, Kbd, Notice, type Tone } from '@/shared/ui';
import { PanelSection } from './PanelSection';
import { useRefitStale } from './useRefitStale';
import type { Verdicts } from './useVerdicts';
import css from './VerdictPanel.module.css';
import { useWorkbench } from './workbench';

const TONES: Record<string, Tone> = {
  verified: 'ok',
  rejected: 'danger',
  stale: 'warn',
};

/** Where the fit at the cursor stands, and who said so. */
function Standing() {
  const { fit, defaults } = useWorkbench();
  if (!fit) return <p className={css.quiet}>No fit at this moment.</p>;
  const labels = Object.fromEntries(defaults.rejections.map((r) => [r.value, r.label]));
  const look = lookOf(fit);
  return (
    <div className={css.standing}>
      <Badge tone={TONES[look] ?? 'neutral'}>
        {look === 'failed' ? 'Not judged' : LOOK_LABELS[look]}
      </Badge>
      {fit.reason ? <strong>{labelOf(labels, fit.reason)}</strong> : null}
      {fit.reason_text ? <q>{fit.reason_text}</q> : null}
      {fit.reviewed_by && fit.reviewed_at ? (
        <span>
          {fit.reviewed_by.name}, {formatRelative(fit.reviewed_at)}
        </span>
      ) : null}
    </div>
  );
}

function Stale() {
  const { data, recording } = useWorkbench();
  const refit = useRefitStale(recording.id);
  if (!data.counts.stale) return null;
  return (
    <Notice tone="warn">
      {count(data.counts.stale, 'fit')} {data.counts.stale === 1 ? 'is' : 'are'} older than the
      joints or scans.{' '}
      {data.may_fit ? (
        <Button
          size="sm"
          icon={<RefreshCcw size={14} aria-hidden />}
          busy={refit.isPending}
          onClick={() => refit.start()}
        >
          Refit these
        </Button>
      ) : (
        'A maintainer or inspector can fit them again.'
      )}
    </Notice>
  );
}

/** Verify, reject, take back: for the fit at the cursor or for the selected range. */
export function VerdictPanel({ verdicts }: { verdicts: Verdicts }) {
  const { data, selecting, range } = useWorkbench();
  const { selected, busy } = verdicts;
  const waiting = readyToVerify(data.fits).length;
  const many = range[1] - range[0] + 1;
  const stale = selected.filter((f) => f.stale).length;
  return (
    <PanelSection title="Verdict">
      <div className={css.verdict}>
        {selecting ? (
          <p className={css.scope}>
            <strong>{count(many, 'moment')} selected</strong>: {count(selected.length, 'fit')}
            {stale ? `, ${stale} with changed joints (cannot be verified)` : ''}
          </p>
        ) : (
          <Standing />
        )}
        {data.may_judge ? (
          <>
            <div className={css.buttons}>
              <Button
                size="sm"
                variant="primary"
                icon={<ThumbsUp size={14} aria-hidden />}
                disabled={busy || !selected.length || stale === selected.length}
                onClick={verdicts.verify}
              >
                Verify <Kbd>V</Kbd>
              </Button>
              <Button
                size="sm"
                icon={<ThumbsDown size={14} aria-hidden />}
                disabled={busy || !selected.length}
                onClick={verdicts.reject}
              >
                Reject… <Kbd>X</Kbd>
              </Button>
              <Button
                size="sm"
                variant="ghost"
                icon={<Undo2 size={14} aria-hidden />}
                disabled={busy || !selected.some((f) => f.status !== 'fitted')}
                onClick={verdicts.undo}
              >
                Undo <Kbd>U</Kbd>
              </Button>
            </div>
            <Button
              size="sm"
              icon={<CheckCheck size={14} aria-hidden />}
              disabled={busy || !waiting}
              onClick={verdicts.askVerifyAll}
            >
              {waiting
                ? `Verify the ${waiting} that pass the gate…`
                : 'None within the gate is waiting'}
            </Button>
          </>
        ) : (
          <Notice>{data.why_not_judge ?? 'Only an inspector gives verdicts.'}</Notice>
        )}
        <p className={css.done} role="status">
          {busy ? 'Saving…' : verdicts.done ? `Saved: ${verdicts.done}` : ''}
        </p>
        <Stale />
      </div>
    </PanelSection>
  );
}
