import { JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import { count, formatNumber } from '@/shared/lib/format';
import { Cell, cx, HeadCell, Table } from '@/shared/ui';
import { Section } from '../Section';
import css from './Evaluation.module.css';
import type { ErrorName, Evaluation } from './queries';
import { ERROR_HELP, ERROR_LABELS, formatMeasure } from './words';

const NAMES: readonly ErrorName[] = ['good', 'jitter', 'inversion', 'swap', 'miss'];
type Counts = Readonly<Record<string, number>>;

const total = (counts: Counts) => NAMES.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
const share = (part: number, whole: number) => (whole ? (100 * part) / whole : 0);

function Bar({ counts, label }: { counts: Counts; label: string }) {
  const all = total(counts);
  const said = NAMES.map(
    (name) => `${ERROR_LABELS[name]} ${share(counts[name] ?? 0, all).toFixed(1)} %`,
  ).join(', ');
  return (
    <div className={css.stack} role="img" aria-label={`${label}: ${said}`} title={said}>
      {NAMES.map((name) => (
        <span
          key={name}
          className={cx(css.piece, css[name])}
          style={{ width: `${share(counts[name] ?? 0, all)}%` }}
        />
      ))}
    </div>
  );
}

/** What kinds of errors there are, and what mending each would bring. */
export function ErrorKinds({ evaluation }: { evaluation: Evaluation }) {
  const { errors } = evaluation;
  if (!errors) return null;
  const all = total(errors.counts);
  return (
    <Section
      title="Kinds of errors"
      help={`Of the joints of ${count(errors.located, 'infant')} who were found at an OKS of 0.1 or more. ${count(errors.missed, 'infant was', 'infants were')} not found; ${count(errors.nobody, 'prediction is', 'predictions are')} of nobody.`}
    >
      <div className={css.errors}>
        <Table>
          <thead>
            <tr>
              <HeadCell>Kind</HeadCell>
              <HeadCell numeric>Joints</HeadCell>
              <HeadCell numeric>Share</HeadCell>
              <HeadCell numeric>AP without it</HeadCell>
            </tr>
          </thead>
          <tbody>
            {NAMES.map((name) => (
              <tr key={name}>
                <td>
                  <span className={css.kind}>
                    <span className={cx(css.swatch, css[name])} aria-hidden />
                    {ERROR_LABELS[name]}
                    <small>{ERROR_HELP[name]}</small>
                  </span>
                </td>
                <Cell numeric>{formatNumber(errors.counts[name] ?? 0)}</Cell>
                <Cell numeric>{share(errors.counts[name] ?? 0, all).toFixed(1)} %</Cell>
                <Cell numeric>
                  {name === 'good' ? '' : formatMeasure('AP', errors.ap_if_mended[name])}
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
        <ul className={css.bars} aria-label="Kinds of errors by joint">
          {JOINTS.map((joint, i) => (
            <li key={joint}>
              <span>{JOINT_LABELS[i]}</span>
              <Bar label={JOINT_LABELS[i] ?? joint} counts={errors.by_joint[joint] ?? {}} />
            </li>
          ))}
        </ul>
      </div>
    </Section>
  );
}
