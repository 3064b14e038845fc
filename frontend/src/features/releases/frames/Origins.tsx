import { useQuery } from '@tanstack/react-query';
import { isStatus } from '@/shared/api/problem';
import type { Release } from '@/shared/api/types';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { humanise } from '@/shared/domain/words';
import { ErrorState, SkeletonRows } from '@/shared/ui';
import css from './Frames.module.css';
import { ORIGIN_LABELS, stepsOf } from './origins';
import { type HeldFrame, type JointOrigin, originsQuery } from './queries';

interface OriginsProps {
  release: Release;
  frame: HeldFrame;
  /** Whether it is shown as it is now. */
  live: boolean;
  joint: number | null;
  onJoint: (joint: number) => void;
}

/** Where the joints of a frame come from: model, person, inspector, round, release. */
export function Origins({ release, frame, live, joint, onJoint }: OriginsProps) {
  const frozen = release.frozen_at !== null && !live;
  const { data, error, refetch } = useQuery({
    ...originsQuery(release.id, frame.frame_id),
    enabled: frozen,
  });
  if (!frozen) {
    return live ? null : (
      <p className={css.quiet}>
        Where its joints come from is told once the release is checked and its frames are frozen.
      </p>
    );
  }
  if (isStatus(error, 404)) {
    return (
      <p className={css.quiet}>
        The history of this frame was erased from the store. `provenance.parquet` among the
        release's files still tells of its joints.
      </p>
    );
  }
  if (error) {
    return (
      <ErrorState
        title="The origins could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <SkeletonRows rows={5} height={24} />;
  const chosen = data.joints.find((one) => one.joint === joint);
  return (
    <>
      {chosen ? (
        <Chain joint={chosen} release={release} />
      ) : (
        <p className={css.quiet}>Choose a joint to see where it comes from.</p>
      )}
      <ul className={css.joints} aria-label="Joints and their origins">
        {data.joints.map((one) => (
          <li key={one.joint}>
            <button
              type="button"
              aria-pressed={one.joint === joint}
              onClick={() => onJoint(one.joint)}
            >
              <span>{humanise(JOINT_LABELS[one.joint] ?? '')}</span>
              <small>{ORIGIN_LABELS[one.origin]}</small>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Chain({ joint, release }: { joint: JointOrigin; release: Release }) {
  const name = humanise(JOINT_LABELS[joint.joint] ?? '');
  return (
    <section className={css.chain} aria-label={`Where ${name} comes from`} aria-live="polite">
      <h3>{name}</h3>
      <ol>
        {stepsOf(joint, `${release.dataset.title} ${release.version}`).map((step) => (
          <li key={step.what}>
            <b>{step.what}</b>
            <span>{step.who}</span>
            {step.more ? <small>{step.more}</small> : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
