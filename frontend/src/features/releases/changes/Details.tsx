import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { humanise } from '@/shared/domain/words';
import { count, formatNumber } from '@/shared/lib/format';
import { Cell, HeadCell, Table } from '@/shared/ui';
import css from './Changes.module.css';
import type { Difference } from './queries';

/** Numbers of all that differs; joints and infants one by one. */
export function Details({ difference }: { difference: Difference }) {
  const facts: [string, number, string][] = [
    ['Frames in', difference.frames_in, `of ${count(difference.infants_in, 'infant')}`],
    ['Frames out', difference.frames_out, `of ${count(difference.infants_out, 'infant')}`],
    ['Joints moved', difference.joints_moved, ''],
    ['Visibility of joints changed', difference.visibility_changed, ''],
    ['Boxes changed', difference.boxes_changed, ''],
    ['Postures changed', difference.postures_changed, ''],
    ['Body fits changed', difference.fits_changed, ''],
    ['Infants on another side', difference.splits_changed.length, ''],
  ];
  return (
    <>
      <dl className={css.facts}>
        {facts.map(([name, value, more]) => (
          <div key={name} data-none={value === 0}>
            <dt>{name}</dt>
            <dd>
              {formatNumber(value)} {value && more ? <small>{more}</small> : null}
            </dd>
          </div>
        ))}
      </dl>
      {difference.splits_changed.length ? (
        <Table>
          <thead>
            <tr>
              <HeadCell>Infant</HeadCell>
              <HeadCell>Before</HeadCell>
              <HeadCell>Now</HeadCell>
            </tr>
          </thead>
          <tbody>
            {difference.splits_changed.map((one) => (
              <tr key={one.infant_id}>
                <td>{one.pseudonym}</td>
                <td>{one.before}</td>
                <td>{one.after}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : null}
      {difference.moved_by_joint.length ? (
        <details className={css.byJoint}>
          <summary>Moved by joint</summary>
          <Table>
            <thead>
              <tr>
                <HeadCell>Joint</HeadCell>
                <HeadCell numeric>Frames</HeadCell>
                <HeadCell numeric>Middle distance</HeadCell>
              </tr>
            </thead>
            <tbody>
              {difference.moved_by_joint.map((one) => (
                <tr key={one.joint}>
                  <td>{humanise(JOINT_LABELS[one.joint] ?? one.name)}</td>
                  <Cell numeric>{formatNumber(one.count)}</Cell>
                  <Cell numeric>{one.median_px.toFixed(1)} px</Cell>
                </tr>
              ))}
            </tbody>
          </Table>
        </details>
      ) : null}
    </>
  );
}
