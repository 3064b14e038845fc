import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { humanise } from '@/shared/domain/words';
import { formatNumber } from '@/shared/lib/format';
import { Cell, HeadCell, Table } from '@/shared/ui';
import css from '@/shared/ui/plots/plots.module.css';
import { FramesLink } from '../../FramesLink';
import type { Statistics } from '../queries';
import { type Spot, shades, spotOf } from '../rows';

type PoseMap = NonNullable<Statistics['pose_map']>;

const STEPS = 6;
const SHADES = Array.from({ length: STEPS }, (_, step) => 0.12 + (0.88 * (step + 1)) / STEPS);

const place = ({ right, up }: Spot): string =>
  `${Math.abs(right).toFixed(1)} ${right < 0 ? 'left' : 'right'}, ${Math.abs(up).toFixed(1)} ${
    up < 0 ? 'below' : 'above'
  }`;

/** All cells of one shade as one path. */
const pathOf = (cells: readonly number[], across: number): string =>
  cells.map((cell) => `M${cell % across} ${Math.floor(cell / across)}h1v1h-1z`).join('');

/** Where each joint lies, seen from the torso. */
export function PoseMaps({ releaseId, map }: { releaseId: number; map: PoseMap }) {
  return (
    <ul className={css.maps}>
      {map.counts.map((counts, joint) => {
        const name = humanise(JOINT_LABELS[joint] ?? '');
        const spot = spotOf(counts, map.cells, map.reach);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a joint is its number
          <li key={joint}>
            <JointMap
              counts={counts}
              map={map}
              label={spot ? `${name}: mostly ${place(spot)}` : name}
            />
            <FramesLink releaseId={releaseId} search={{ joint, visibility: 'placed' }}>
              {name}
            </FramesLink>
          </li>
        );
      })}
    </ul>
  );
}

function JointMap({
  counts,
  map,
  label,
}: {
  counts: readonly number[];
  map: PoseMap;
  label: string;
}) {
  const { cells, reach } = map;
  const middle = cells / 2;
  const torso = cells / (2 * reach);
  return (
    <svg viewBox={`0 0 ${cells} ${cells}`} className={css.map} role="img" aria-label={label}>
      <title>{label}</title>
      <rect width={cells} height={cells} className={css.ground} />
      {shades(counts, STEPS).map((of, step) =>
        of.length ? (
          <path
            key={SHADES[step]}
            d={pathOf(of, cells)}
            className={css.shade}
            fillOpacity={SHADES[step]}
          />
        ) : null,
      )}
      <g className={css.torso}>
        <line x1={middle} x2={middle} y1={middle} y2={middle - torso} />
        <line x1={middle - 2} x2={middle + 2} y1={middle} y2={middle} />
        <line x1={middle - 3} x2={middle + 3} y1={middle - torso} y2={middle - torso} />
      </g>
    </svg>
  );
}

export function PoseTable({ map }: { map: PoseMap }) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Joint</HeadCell>
          <HeadCell numeric>Frames</HeadCell>
          <HeadCell numeric>Right</HeadCell>
          <HeadCell numeric>Up</HeadCell>
          <HeadCell numeric>Spread</HeadCell>
          <HeadCell numeric>Beyond the map</HeadCell>
        </tr>
      </thead>
      <tbody>
        {map.counts.map((counts, joint) => {
          const spot = spotOf(counts, map.cells, map.reach);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a joint is its number
            <tr key={joint}>
              <td>{humanise(JOINT_LABELS[joint] ?? '')}</td>
              <Cell numeric>{formatNumber(spot?.placed ?? 0)}</Cell>
              <Cell numeric>{spot?.right.toFixed(2) ?? '–'}</Cell>
              <Cell numeric>{spot?.up.toFixed(2) ?? '–'}</Cell>
              <Cell numeric>{spot?.spread.toFixed(2) ?? '–'}</Cell>
              <Cell numeric>{formatNumber(map.outside[joint] ?? 0)}</Cell>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}
