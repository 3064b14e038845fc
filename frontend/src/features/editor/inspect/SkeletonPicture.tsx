import { urlOf } from '@/shared/api/client';
import { bonesOf, colourOf } from '@/shared/domain/bones';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { cx } from '@/shared/ui';
import type { Crop } from '@/shared/ui/crop';
import css from './inspect.module.css';

interface Joint {
  readonly x: number;
  readonly y: number;
  readonly v: number;
}

export type JointWord = 'right' | 'wrong' | null;

interface SkeletonPictureProps {
  frameId: number;
  title: string;
  /** What stands beside the title, such as OKS. */
  note?: string | undefined;
  width: number;
  height: number;
  crop: Crop;
  joints: readonly Joint[] | null;
  /** Where the annotator has the joints: drawn thin behind another skeleton. */
  behind?: readonly Joint[] | null | undefined;
  wordOf?: ((joint: number) => JointWord) | undefined;
  selected?: number | null;
  onJoint?: ((joint: number) => void) | undefined;
}

/** A frame cut to the infant, with a skeleton on it; joints can be pressed where they can be judged. */
export function SkeletonPicture(props: SkeletonPictureProps) {
  const { frameId, title, note, width, height, crop, joints, behind, wordOf, onJoint } = props;
  const unit = crop.width / 100;
  return (
    <figure className={css.picture}>
      <figcaption>
        <strong>{title}</strong>
        {note ? <span>{note}</span> : null}
      </figcaption>
      <svg
        viewBox={`${crop.x} ${crop.y} ${crop.width} ${crop.height}`}
        aria-label={`${title}: the frame with its joints`}
      >
        <image
          href={urlOf('/api/v1/frames/{frame_id}/image', { frame_id: frameId })}
          width={width}
          height={height}
          preserveAspectRatio="none"
        />
        {behind ? <Bones joints={behind} stroke={unit * 0.35} faint /> : null}
        {joints ? <Bones joints={joints} stroke={unit * 0.7} /> : null}
        {joints?.map((joint, i) => {
          const word = wordOf?.(i) ?? null;
          if (joint.v === 0) return null;
          return (
            <JointDot
              // biome-ignore lint/suspicious/noArrayIndexKey: a joint is its place in the skeleton
              key={i}
              index={i}
              joint={joint}
              radius={unit * 1.15}
              word={word}
              selected={props.selected === i}
              onPress={onJoint}
            />
          );
        })}
      </svg>
    </figure>
  );
}

function Bones({
  joints,
  stroke,
  faint = false,
}: {
  joints: readonly Joint[];
  stroke: number;
  faint?: boolean;
}) {
  return (
    <g opacity={faint ? 0.55 : 1} aria-hidden>
      {bonesOf(joints).map(({ key, line, colour }) => (
        <g key={key} strokeLinecap="round">
          <line {...line} stroke="var(--joint-outline)" strokeWidth={stroke * 1.9} />
          <line
            {...line}
            stroke={faint ? 'var(--joint-middle)' : colour}
            strokeWidth={stroke}
            strokeDasharray={faint ? `${stroke * 3} ${stroke * 3}` : undefined}
          />
        </g>
      ))}
    </g>
  );
}

const WORDS = { right: 'marked right', wrong: 'marked wrong' } as const;

function JointDot({
  index,
  joint,
  radius,
  word,
  selected,
  onPress,
}: {
  index: number;
  joint: Joint;
  radius: number;
  word: JointWord;
  selected: boolean;
  onPress: ((joint: number) => void) | undefined;
}) {
  const { x, y, v } = joint;
  const colour = colourOf(index);
  const r = radius * 2;
  return (
    <g>
      <circle
        cx={x}
        cy={y}
        r={radius}
        fill={v === 2 ? colour : 'var(--joint-outline)'}
        stroke={v === 2 ? 'var(--joint-outline)' : colour}
        strokeWidth={radius * 0.5}
      />
      {selected ? (
        <circle cx={x} cy={y} r={r * 1.3} fill="none" stroke="#fff" strokeWidth={radius * 0.3} />
      ) : null}
      {word === 'right' ? (
        <circle
          cx={x}
          cy={y}
          r={r}
          fill="none"
          stroke="var(--state-accepted)"
          strokeWidth={radius * 0.7}
        />
      ) : null}
      {word === 'wrong' ? (
        <g stroke="var(--state-returned)" strokeWidth={radius * 0.7} fill="none">
          <circle cx={x} cy={y} r={r} />
          <path d={`M${x - r} ${y - r}L${x + r} ${y + r}M${x - r} ${y + r}L${x + r} ${y - r}`} />
        </g>
      ) : null}
      {onPress ? (
        // biome-ignore lint/a11y/useSemanticElements: there is no button inside an image
        <circle
          className={cx(css.hit)}
          cx={x}
          cy={y}
          r={radius * 3}
          fill="transparent"
          role="button"
          tabIndex={-1}
          aria-label={`${JOINT_LABELS[index]}${word ? `, ${WORDS[word]}` : ''}`}
          aria-pressed={word === 'wrong'}
          onClick={() => onPress(index)}
        />
      ) : null}
    </g>
  );
}
