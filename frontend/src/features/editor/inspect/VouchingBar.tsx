import { Check, Dices, ShieldCheck } from 'lucide-react';
import { useRef, useState } from 'react';
import { useDrawSample, useMarkSeenGood, useVouch } from '@/shared/api/queries/inspecting';
import type { RecordingDetail, Sample, Vouching } from '@/shared/api/types';
import { count, formatNumber } from '@/shared/lib/format';
import { Badge, Button, Notice, toast } from '@/shared/ui';
import { ReturnDialog } from './ReturnDialog';
import type { InspectSearch } from './search';
import type { Words } from './useWords';
import css from './vouching.module.css';
import { resultOf } from './words';

interface VouchingBarProps {
  recording: RecordingDetail;
  vouching: Vouching;
  words: Words;
  flush: () => Promise<void>;
  onShow: (search: InspectSearch) => void;
}

/** How much of the recording was found good, and what to do about the rest. */
export function VouchingBar({ recording, vouching, words, flush, onShow }: VouchingBarProps) {
  const draw = useDrawSample(recording.id);
  const vouch = useVouch(recording.id);
  const seenGood = useMarkSeenGood(recording.id);
  const [deciding, setDeciding] = useState(false);
  // The same press sent twice draws one sample.
  const name = useRef(crypto.randomUUID());
  const mine = vouching.samples.filter(({ round }) => round === vouching.round);
  const open = mine.find(({ finished_at }) => finished_at === null);
  const review = recording.can.review;

  const act = async (work: () => Promise<unknown>, failed: string): Promise<void> => {
    try {
      await words.drained();
      await flush();
      await work();
    } catch (error) {
      toast.error(failed, error);
    }
  };
  const begin = () =>
    act(async () => {
      await draw.mutateAsync({ operation_id: name.current });
      name.current = crypto.randomUUID();
      onShow({ show: 'sample' });
    }, 'No sample was drawn');
  const markSeen = () =>
    act(async () => {
      const { marked, unseen } = await seenGood.mutateAsync();
      toast.ok(
        `${count(marked, 'frame')} that you looked at marked good${unseen ? `, ${formatNumber(unseen)} not looked at` : ''}`,
      );
    }, 'Nothing was marked');
  const finish = (sample: Sample) =>
    act(async () => {
      const done = await vouch.mutateAsync(sample.id);
      if (done.vouched) toast.ok(`${count(done.vouched, 'more frame')} accepted by the sample`);
    }, 'The sample is not finished');

  return (
    <section className={css.bar} aria-label="How far this recording is inspected">
      <div className={css.line}>
        <ShieldCheck size={18} aria-hidden />
        <p>
          <strong>
            {formatNumber(vouching.vouched)} of {count(vouching.frames, 'frame')}
          </strong>{' '}
          found good
          {vouching.open > 0 ? (
            <>
              , {formatNumber(vouching.open)} not inspected
              {vouching.seen > 0 ? ` (${formatNumber(vouching.seen)} looked at)` : ''}
            </>
          ) : null}
        </p>
        {review ? (
          <span className={css.acts}>
            {vouching.seen > 0 ? (
              <Button
                icon={<Check size={14} />}
                busy={seenGood.isPending}
                onClick={() => void markSeen()}
              >
                Mark the {count(vouching.seen, 'frame')} I looked at good
              </Button>
            ) : null}
            {vouching.open > 0 && open === undefined ? (
              <Button
                icon={<Dices size={14} />}
                busy={draw.isPending}
                title={`At least ${count(vouching.rule.min_frames, 'frame')} and ${Math.round(100 * vouching.rule.share)} %; at most ${count(vouching.rule.max_errors_per_1000, 'wrong joint')} in 1,000`}
                onClick={() => void begin()}
              >
                Draw {count(vouching.asked, 'frame')} by chance
              </Button>
            ) : null}
            <Button
              variant={vouching.unvouched === 0 ? 'primary' : 'secondary'}
              onClick={() => setDeciding(true)}
            >
              Return or approve
            </Button>
          </span>
        ) : null}
      </div>
      {open ? (
        <SampleLine
          sample={open}
          mine={review}
          busy={vouch.isPending}
          onShow={() => onShow({ show: 'sample' })}
          onFinish={() => void finish(open)}
        />
      ) : null}
      {mine
        .filter(({ finished_at }) => finished_at !== null)
        .map((sample) => (
          <Finished key={sample.id} sample={sample} />
        ))}
      {deciding ? (
        <ReturnDialog
          recording={recording}
          vouching={vouching}
          words={words}
          flush={flush}
          onShow={onShow}
          onClose={() => setDeciding(false)}
        />
      ) : null}
    </section>
  );
}

function SampleLine({
  sample,
  mine,
  busy,
  onShow,
  onFinish,
}: {
  sample: Sample;
  mine: boolean;
  busy: boolean;
  onShow: () => void;
  onFinish: () => void;
}) {
  return (
    <div className={css.sample}>
      <p>
        <strong>Random sample</strong> of {formatNumber(sample.size)} from{' '}
        {count(sample.population, 'frame')} (seed {sample.seed}), drawn by {sample.inspector.name}.{' '}
        {sample.left > 0 ? (
          <>
            <b>{formatNumber(sample.left)} left</b> to look at and mark.
          </>
        ) : (
          <>So far {resultOf(sample)}.</>
        )}
      </p>
      {mine ? (
        <span className={css.acts}>
          <Button size="sm" onClick={onShow}>
            Show its frames
          </Button>
          <Button
            size="sm"
            variant={sample.left === 0 ? 'primary' : 'secondary'}
            disabled={sample.left > 0}
            busy={busy}
            title={
              sample.left > 0
                ? 'Every frame of it must be looked at and marked first'
                : 'States the result; where it is good enough, the frames that were not opened are accepted by it'
            }
            onClick={onFinish}
          >
            Accept the rest by this sample
          </Button>
        </span>
      ) : null}
      {sample.left === 0 && sample.refusal ? <Notice tone="warn">{sample.refusal}</Notice> : null}
    </div>
  );
}

function Finished({ sample }: { sample: Sample }) {
  return (
    <p className={css.finished}>
      <Badge tone={sample.refusal ? 'danger' : 'ok'}>
        {sample.refusal
          ? 'nothing accepted by it'
          : `${count(sample.vouched ?? 0, 'frame')} accepted by it`}
      </Badge>
      {sample.inspector.name} looked at {formatNumber(sample.size)} of{' '}
      {count(sample.population, 'frame')} (seed {sample.seed}): {resultOf(sample)}; limit{' '}
      {sample.max_errors_per_1000}.
    </p>
  );
}
