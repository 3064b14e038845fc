import type { Pair } from '@/shared/api/types';
import { bonesOf } from '@/shared/domain/bones';
import { JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import { cx } from '@/shared/ui';
import { cropTo } from '@/shared/ui/crop';
import type { Joint, Row } from './choices';
import css from './quality.module.css';

const ASPECT = 4 / 3;
const FIRST = '#56b4e9';
const SECOND = '#f0a3d0';
const RESULT = '#ffffff';

interface PairPictureProps {
  pair: Pair;
  rows: readonly Row[];
  result: ReadonlyMap<number, Joint | null>;
  open: number | null;
  placing: boolean;
  onPlace: (x: number, y: number) => void;
  onOpen: (joint: number) => void;
}

/** The frame with both answers on it, and what becomes of them. */
export function PairPicture(props: PairPictureProps) {
  const { pair, rows, result, open, placing, onPlace, onOpen } = props;
  const joints = [...(pair.first.joints ?? []), ...(pair.second.joints ?? [])];
  const crop = cropTo(
    {
      width: pair.width,
      height: pair.height,
      joints: joints.length ? joints.flatMap(({ x, y, v }) => [x, y, v]) : null,
    },
    ASPECT,
  );
  const unit = crop.width / 240;
  return (
    <figure className={css.picture}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: by keyboard, A, B and Mean decide */}
      <svg
        viewBox={`${crop.x} ${crop.y} ${crop.width} ${crop.height}`}
        className={cx(placing && css.placing)}
        aria-label="The frame with both answers"
        role="img"
        onClick={(event) => {
          if (!placing) return;
          const matrix = event.currentTarget.getScreenCTM();
          if (matrix === null) return;
          const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
          if (at.x >= 0 && at.y >= 0 && at.x <= pair.width && at.y <= pair.height) {
            onPlace(at.x, at.y);
          }
        }}
      >
        <image
          href={pair.image_url}
          width={pair.width}
          height={pair.height}
          preserveAspectRatio="none"
        />
        <Bones joints={pair.first.joints} colour={FIRST} unit={unit} />
        <Bones joints={pair.second.joints} colour={SECOND} unit={unit} dashed />
        {rows.map((row) => (
          <g key={row.joint}>
            {row.px !== null && row.differs ? (
              <line
                x1={row.first.x}
                y1={row.first.y}
                x2={row.second.x}
                y2={row.second.y}
                stroke={RESULT}
                strokeWidth={unit * 0.5}
                opacity={0.8}
              />
            ) : null}
            <Dot joint={row.first} colour={FIRST} unit={unit} />
            <Dot joint={row.second} colour={SECOND} unit={unit} />
            <Cross joint={result.get(row.joint) ?? null} unit={unit} open={row.joint === open} />
            {placing ? null : (
              // biome-ignore lint/a11y/noStaticElementInteractions: the table beside it has the buttons
              <circle
                cx={row.first.v ? row.first.x : row.second.x}
                cy={row.first.v ? row.first.y : row.second.y}
                r={unit * 4}
                fill="transparent"
                onClick={() => onOpen(row.joint)}
              >
                <title>{JOINT_LABELS[row.joint] ?? JOINTS[row.joint]}</title>
              </circle>
            )}
          </g>
        ))}
      </svg>
      <figcaption className={css.legend}>
        <span>
          <Line colour={FIRST} /> A: {pair.first.person.name}
        </span>
        <span>
          <Line colour={SECOND} dashed /> B: {pair.second.person.name}
        </span>
        <span>
          <Line colour={RESULT} cross /> what becomes of it
        </span>
      </figcaption>
    </figure>
  );
}

interface BonesProps {
  joints: readonly Joint[] | null;
  colour: string;
  unit: number;
  dashed?: boolean;
}

function Bones({ joints, colour, unit, dashed = false }: BonesProps) {
  if (joints === null) return null;
  return (
    <g aria-hidden>
      {bonesOf(joints).map(({ key, line }) => (
        <g key={key}>
          <line {...line} stroke="#10131a" strokeWidth={unit * 1.5} opacity={0.7} />
          <line
            {...line}
            stroke={colour}
            strokeWidth={unit * 0.8}
            strokeDasharray={dashed ? `${unit * 2.4} ${unit * 1.6}` : undefined}
          />
        </g>
      ))}
    </g>
  );
}

function Dot({ joint, colour, unit }: { joint: Joint; colour: string; unit: number }) {
  if (joint.v === 0) return null;
  return (
    <circle
      cx={joint.x}
      cy={joint.y}
      r={unit * 1.5}
      fill={joint.v === 2 ? colour : '#10131a'}
      stroke={joint.v === 2 ? '#10131a' : colour}
      strokeWidth={unit * 0.6}
    />
  );
}

function Cross({ joint, unit, open }: { joint: Joint | null; unit: number; open: boolean }) {
  if (joint === null || joint.v === 0) return null;
  const { x, y } = joint;
  const r = unit * (open ? 3.2 : 1.6);
  return (
    <g stroke={RESULT} strokeWidth={unit * 0.5} fill="none">
      {open ? <circle cx={x} cy={y} r={r * 1.3} /> : null}
      <path d={`M${x - r} ${y}L${x + r} ${y}M${x} ${y - r}L${x} ${y + r}`} />
    </g>
  );
}

function Line({ colour, dashed, cross }: { colour: string; dashed?: boolean; cross?: boolean }) {
  return (
    <svg viewBox="0 0 28 8" aria-hidden>
      <rect width="28" height="8" rx="2" fill="#10131a" />
      {cross ? (
        <path d="M10 4L18 4M14 1L14 7" stroke={colour} strokeWidth="1.5" />
      ) : (
        <path
          d="M3 4L25 4"
          stroke={colour}
          strokeWidth="2"
          strokeDasharray={dashed ? '5 3' : undefined}
        />
      )}
    </svg>
  );
}
