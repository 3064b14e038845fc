import { useQuery } from '@tanstack/react-query';
import { BadgeCheck, Download } from 'lucide-react';
import { urlOf } from '@/shared/api/client';
import type { AgreementNumbers, AgreementReport } from '@/shared/api/types';
import { count, formatNumber, percent } from '@/shared/lib/format';
import {
  buttonClass,
  Cell,
  EmptyState,
  ErrorState,
  Field,
  HeadCell,
  PersonName,
  Select,
  SkeletonRows,
  Table,
} from '@/shared/ui';
import { alphaWords, px, two } from './numbers';
import css from './quality.module.css';
import { agreementQuery } from './queries';
import { AGAINST, type Against } from './search';

const AGAINST_WORDS: Record<Against, { label: string; none: string }> = {
  people: {
    label: 'two people, the same frame',
    none: 'Set a share of frames that two people annotate, under Gold frames and shares.',
  },
  gold: {
    label: 'known answers (gold frames)',
    none: 'Choose gold frames and a share of them, under Gold frames and shares.',
  },
};

interface AgreementProps {
  against: Against;
  onAgainst: (against: Against) => void;
}

/** By joint, person and recording: similarity, distance, visibility. */
export function Agreement({ against, onAgainst }: AgreementProps) {
  const { data, error, refetch } = useQuery(agreementQuery(against));
  return (
    <div className={css.stack}>
      <div className={css.bar}>
        <Field label="Compared">
          {(control) => (
            <Select
              {...control}
              value={against}
              onChange={(e) => onAgainst(AGAINST.find((one) => one === e.target.value) ?? against)}
            >
              {AGAINST.map((one) => (
                <option key={one} value={one}>
                  {AGAINST_WORDS[one].label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <a
          href={`${urlOf('/api/v1/quality/agreement.csv')}?against=${against}`}
          className={buttonClass()}
          download
        >
          <Download size={14} aria-hidden />
          Table as CSV
        </a>
      </div>
      {data ? (
        data.total === null ? (
          <EmptyState icon={<BadgeCheck size={20} />} title="Nothing to compare yet">
            {data.everybody
              ? AGAINST_WORDS[against].none
              : 'Numbers appear once you handed in single frames.'}
          </EmptyState>
        ) : (
          <Report report={data} total={data.total} />
        )
      ) : error ? (
        <ErrorState
          title="The agreement could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </div>
  );
}

function Report({ report, total }: { report: AgreementReport; total: AgreementNumbers }) {
  return (
    <>
      <dl className={css.facts}>
        <Fact label="Frames" value={formatNumber(total.frames)} />
        <Fact label="Same verdict" value={percent(total.verdicts)} />
        <Fact label="Similarity (OKS)" value={two(total.oks)} help="Mean over frames" />
        <Fact
          label="Distance"
          value={px(total.px)}
          help={`95 of 100 joints within ${px(total.far_px)}`}
        />
        <Fact label="Visibility: α" value={two(total.alpha)} help={alphaWords(total.alpha)} />
      </dl>
      {report.matrix.length > 0 && <Matrix report={report} />}
      {report.everybody && <Rows title="By person" first="Person" rows={report.people} people />}
      {report.recordings.length > 0 && (
        <Rows title="By recording" first="Recording" rows={report.recordings} />
      )}
      <Rows title="By joint" first="Joint" rows={report.joints} joints />
      <p className={css.note}>
        OKS is scaled by the rectangle around the joints, since most frames have no mask. α is
        Krippendorff’s for ordered values: 1 where all give a joint the same visibility, 0 where
        they agree as chance would have it; from .80 on it can be relied on, from .67 for tentative
        conclusions.
      </p>
    </>
  );
}

function Fact({ label, value, help }: { label: string; value: string; help?: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
      {help ? <dd className={css.help}>{help}</dd> : null}
    </div>
  );
}

interface RowsProps {
  title: string;
  first: string;
  rows: AgreementReport['people'];
  people?: boolean;
  joints?: boolean;
}

function Rows({ title, first, rows, people = false, joints = false }: RowsProps) {
  return (
    <section>
      <h2 className={css.title}>{title}</h2>
      <Table>
        <thead>
          <tr>
            <HeadCell>{first}</HeadCell>
            <HeadCell numeric>Frames</HeadCell>
            {!joints && <HeadCell numeric>Same verdict</HeadCell>}
            {!joints && <HeadCell numeric>OKS</HeadCell>}
            <HeadCell numeric>Distance, median</HeadCell>
            <HeadCell numeric>95 of 100 within</HeadCell>
            <HeadCell numeric>Same visibility</HeadCell>
            <HeadCell numeric>α</HeadCell>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <td>{people ? <PersonName name={row.name} /> : row.name}</td>
              <Cell numeric>{formatNumber(row.frames)}</Cell>
              {!joints && <Cell numeric>{percent(row.verdicts)}</Cell>}
              {!joints && <Cell numeric>{two(row.oks)}</Cell>}
              <Cell numeric>{px(row.px)}</Cell>
              <Cell numeric>{px(row.far_px)}</Cell>
              <Cell numeric>{percent(row.same_visibility)}</Cell>
              <Cell numeric title={alphaWords(row.alpha)}>
                {two(row.alpha)}
              </Cell>
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}

/** Two people each, as a square: how similar their answers are. */
function Matrix({ report }: { report: AgreementReport }) {
  const names = new Map<number, string>();
  for (const { one, other } of report.matrix) {
    names.set(one.id, one.name);
    names.set(other.id, other.name);
  }
  const people = [...names].sort((a, b) => a[1].localeCompare(b[1]));
  const cellOf = (a: number, b: number) =>
    report.matrix.find(
      ({ one, other }) => (one.id === a && other.id === b) || (one.id === b && other.id === a),
    );
  return (
    <section className={css.matrix}>
      <h2 className={css.title}>Who agrees with whom</h2>
      <Table>
        <thead>
          <tr>
            <HeadCell>OKS</HeadCell>
            {people.map(([id, name]) => (
              <HeadCell key={id} numeric>
                {name}
              </HeadCell>
            ))}
          </tr>
        </thead>
        <tbody>
          {people.map(([row, name]) => (
            <tr key={row}>
              <th scope="row">
                <PersonName name={name} />
              </th>
              {people.map(([column]) => {
                const cell = row === column ? undefined : cellOf(row, column);
                return (
                  <Cell
                    key={column}
                    numeric
                    title={
                      cell &&
                      `${count(cell.frames, 'frame')}, ${px(cell.px)} median, α ${two(cell.alpha)}`
                    }
                  >
                    {cell ? (
                      <span
                        className={css.heat}
                        style={{ '--much': String(cell.oks ?? 0) } as React.CSSProperties}
                      >
                        {two(cell.oks)}
                        <small>{count(cell.frames, 'frame')}</small>
                      </span>
                    ) : (
                      ''
                    )}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </Table>
    </section>
  );
}
