import { Link } from '@tanstack/react-router';
import { Cell, HeadCell, Table } from '@/shared/ui';
import { Section } from '../Section';
import css from './Board.module.css';
import type { Board, Kind } from './queries';
import { COLUMNS, historyOf } from './rows';
import { Value } from './Value';
import { SETTING_LABELS } from './words';

/** The same models on other versions of the dataset. */
export function History({ board, split, kind }: { board: Board; split: string; kind: Kind }) {
  const { versions, rows } = historyOf(board, split, kind);
  const name = COLUMNS[kind][0] ?? '';
  if (!rows.length) return null;
  return (
    <Section
      title={`${name} on other versions`}
      help={`The same models on ${split} of each version. Frames differ between versions: compare models within one, and only then over time.`}
    >
      <Table>
        <thead>
          <tr>
            <HeadCell>Model</HeadCell>
            <HeadCell>Setting</HeadCell>
            {versions.map((version) => (
              <HeadCell key={version} numeric>
                {version}
                {version === board.version ? ' (this one)' : ''}
              </HeadCell>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.setting} ${row.model}`}>
              <td className={css.model}>{row.model}</td>
              <td>{SETTING_LABELS[row.setting]}</td>
              {versions.map((version) => {
                const entry = row.byVersion[version];
                return (
                  <Cell key={version} numeric>
                    {entry ? (
                      <Link
                        to="/releases/$releaseId/leaderboard/$evaluationId"
                        params={{
                          releaseId: String(entry.release_id),
                          evaluationId: String(entry.id),
                        }}
                      >
                        <Value name={name} measure={entry.measures[name]} />
                      </Link>
                    ) : (
                      '–'
                    )}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
