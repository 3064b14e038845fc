import { CircleCheck, TriangleAlert } from 'lucide-react';
import { JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import { REASON_LABELS } from '@/shared/domain/words';
import { count, percent } from '@/shared/lib/format';
import { Button } from '@/shared/ui/Button';
import { cx } from '@/shared/ui/cx';
import { Progress as Bar } from '@/shared/ui/Progress';
import { Panel } from '../panels/Panel';
import css from './singles.module.css';
import type { Feedback as Told, Training } from './transport';
import { standingWords, words } from './words';

interface FeedbackProps {
  told: Told;
  training: Training;
  onNext: () => void;
  busy: boolean;
}

/** After a training frame: how far each joint was from the known answer. */
export function Feedback({ told, training, onNext, busy }: FeedbackProps) {
  const { title, text, good } = words(told, training);
  const known = told.known_reason === null ? null : REASON_LABELS[told.known_reason];
  return (
    <Panel title="How far you were">
      <div className={css.feedback} role="status">
        <p className={cx(css.told, good && css.good)}>
          {good ? <CircleCheck size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
          <strong>{title}</strong>
        </p>
        <p>
          {text}
          {known !== null && ` It was discarded for: ${known.toLowerCase()}.`}
        </p>
        {told.px.length > 0 && <JointTable told={told} />}
        <Progress training={training} told={told} />
        <Button variant="primary" onClick={onNext} busy={busy} autoFocus>
          {told.passed && training.passed_at === null ? 'Finish' : 'Next frame'}
        </Button>
      </div>
    </Panel>
  );
}

function JointTable({ told }: { told: Told }) {
  const most = Math.max(...told.px.map((px) => px ?? 0), 1);
  return (
    <table className={css.joints}>
      <caption className="visually-hidden">Distance of each joint from the known answer</caption>
      <thead>
        <tr>
          <th scope="col">Joint</th>
          <th scope="col">Distance</th>
          <th scope="col">Visibility</th>
        </tr>
      </thead>
      <tbody>
        {JOINTS.map((joint, i) => {
          const px = told.px[i] ?? null;
          return (
            <tr key={joint}>
              <th scope="row">{JOINT_LABELS[i]}</th>
              <td>
                <span
                  className={css.bar}
                  style={{ inlineSize: `${(100 * (px ?? 0)) / most}%` }}
                  aria-hidden
                />
                {px === null ? '–' : `${px.toFixed(1)} px`}
              </td>
              <td className={told.same_visibility[i] ? undefined : css.other}>
                {told.same_visibility[i] ? 'same' : 'differs'}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** How much of the standard is reached, over the last frames. */
export function Progress({ training, told }: { training: Training; told?: Told }) {
  const now = told?.standing ?? training.standing;
  return (
    <div className={css.progress}>
      <Bar
        label={`${now.frames} of ${count(now.of, 'frame')} that ${now.of === 1 ? 'counts' : 'count'}`}
        done={now.frames}
        total={now.of}
      />
      <p>{standingWords(now)}</p>
      <dl>
        <dt>Similarity (OKS)</dt>
        <dd>
          {now.oks === null ? '–' : now.oks.toFixed(2)}{' '}
          <span>of {training.min_oks.toFixed(2)}</span>
        </dd>
        <dt>Same visibility</dt>
        <dd>
          {percent(now.visibility)} <span>of {percent(training.min_visibility)}</span>
        </dd>
      </dl>
    </div>
  );
}
