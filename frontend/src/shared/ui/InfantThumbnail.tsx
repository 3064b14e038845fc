import { BONES } from '@/shared/domain/bones';
import { cropTo } from './crop';

interface InfantThumbnailProps {
  readonly src: string;
  /** The frame's joints; while they are not known the whole picture is shown. */
  readonly pose:
    | { readonly width: number; readonly height: number; readonly joints: readonly number[] | null }
    | undefined;
  readonly aspect?: number;
  readonly className?: string | undefined;
}

const WHOLE = { width: 4, height: 3, joints: null };

/** A small picture that shows the infant, with the skeleton drawn on it. */
export function InfantThumbnail({ src, pose, aspect = 4 / 3, className }: InfantThumbnailProps) {
  const known = pose ?? WHOLE;
  const crop = cropTo(known, aspect);
  const joints = known.joints ?? [];
  const stroke = crop.width / 70;
  return (
    <svg
      className={className}
      viewBox={`${crop.x} ${crop.y} ${crop.width} ${crop.height}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden
    >
      <image
        href={src}
        width={known.width}
        height={known.height}
        preserveAspectRatio={pose === undefined ? 'xMidYMid slice' : 'none'}
      />
      {BONES.map(({ key, a, b, colour }) => {
        if (!joints[3 * a + 2] || !joints[3 * b + 2]) return null;
        return (
          <line
            key={key}
            x1={joints[3 * a]}
            y1={joints[3 * a + 1]}
            x2={joints[3 * b]}
            y2={joints[3 * b + 1]}
            stroke={colour}
            strokeWidth={stroke}
            strokeLinecap="round"
          />
        );
      })}
    </svg>
  );
}
