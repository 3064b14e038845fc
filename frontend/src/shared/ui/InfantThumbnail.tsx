import { BONE_COLOURS, BONES } from '@/shared/domain/bones';
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

/** The bones of one colour as one line that is lifted between them: pages hold many such pictures. */
const pathOf = (joints: readonly number[], colour: string): string =>
  BONES.filter((bone) => bone.colour === colour && joints[3 * bone.a + 2] && joints[3 * bone.b + 2])
    .map(
      ({ a, b }) => `M${joints[3 * a]} ${joints[3 * a + 1]}L${joints[3 * b]} ${joints[3 * b + 1]}`,
    )
    .join('');

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
      {joints.length > 0 && (
        <g strokeWidth={stroke} strokeLinecap="round">
          {BONE_COLOURS.map((colour) => (
            <path key={colour} d={pathOf(joints, colour)} stroke={colour} />
          ))}
        </g>
      )}
    </svg>
  );
}
