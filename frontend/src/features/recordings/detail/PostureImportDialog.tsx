import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { DropZone } from '@/features/uploads/DropZone';
import { errorMessage } from '@/shared/api/problem';
import {
  type PosturePreview,
  type PostureTable,
  postureImportsQuery,
  posturePreviewQuery,
  useImportPostures,
  useUndoPostures,
} from '@/shared/api/queries/postureImports';
import type { RecordingDetail } from '@/shared/api/types';
import { GROUP_LABELS, POSTURE_LABELS } from '@/shared/domain/postures';
import { POSTURE_GROUPS, POSTURES_OF } from '@/shared/domain/rules.gen';
import { count, formatDate, formatNumber } from '@/shared/lib/format';
import { Button, Checkbox, Dialog, Field, Notice, Select, SkeletonRows, toast } from '@/shared/ui';
import css from './PostureImportDialog.module.css';

const COLUMNS: readonly (readonly [string, string])[] = [
  ['posture', 'Posture'],
  ['start_s', 'Begins (seconds)'],
  ['end_s', 'Ends (seconds)'],
  ['first_frame', 'First frame'],
  ['last_frame', 'Last frame'],
  ['time_s', 'Time (seconds)'],
  ['frame', 'Frame'],
  ['file_name', 'Image name'],
];

/** A table of postures: chosen, looked at, mapped, imported; earlier ones are undone here. */
export function PostureImportDialog({
  recording,
  onClose,
}: {
  recording: RecordingDetail;
  onClose: () => void;
}) {
  const [table, setTable] = useState<PostureTable | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const operation = useRef('');
  const preview = useQuery(posturePreviewQuery(table));
  const send = useImportPostures();

  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    setFault(null);
    send.reset();
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
      operation.current = crypto.randomUUID();
      setTable({
        file_name: file.name.slice(-255),
        text,
        recording_id: recording.id,
        columns: {},
        postures: {},
        leave_out: false,
      });
    } catch {
      setTable(null);
      setFault(`${file.name} is not text in UTF-8. Save the table as CSV in UTF-8.`);
    }
  };
  const change = (part: Partial<PostureTable>): void => {
    operation.current = crypto.randomUUID();
    send.reset();
    setTable((before) => (before === null ? null : { ...before, ...part }));
  };

  const found = table === null || preview.error ? undefined : preview.data;
  const plan = found?.recordings.find(({ id }) => id === recording.id);
  const doubtful = found?.doubts.reduce((sum, { lines }) => sum + lines, 0) ?? 0;
  const ready =
    plan !== undefined &&
    !plan.closed &&
    !preview.isPlaceholderData &&
    (doubtful === 0 || table?.leave_out === true);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      width={720}
      title={`Import postures into “${recording.name}”`}
      description="A CSV table: each line has a posture, and says when by seconds, frames or an image’s name."
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            variant="primary"
            disabled={!ready}
            busy={send.isPending}
            onClick={() =>
              table !== null &&
              send.mutate(
                { ...table, operation_id: operation.current },
                {
                  onSuccess: () => {
                    toast.ok(`Postures of ${count(plan?.moments ?? 0, 'moment')} imported`);
                    onClose();
                  },
                },
              )
            }
          >
            {plan ? `Import ${count(plan.moments, 'moment')}` : 'Import'}
          </Button>
        </>
      }
    >
      <div className={css.body}>
        <DropZone
          label={table === null ? 'Choose the table' : 'Choose another table'}
          hint={table === null ? 'A file of .csv, .tsv or .txt.' : `${table.file_name}.`}
          accept=".csv,.tsv,.txt,text/csv"
          onFiles={([file]) => void choose(file)}
        />
        {fault ? <Notice tone="error">{fault}</Notice> : null}
        {table !== null && preview.error ? (
          <Notice tone="error">{errorMessage(preview.error)}</Notice>
        ) : null}
        {table !== null && preview.isPending ? <SkeletonRows rows={4} height={20} /> : null}
        {table !== null && (found !== undefined || preview.error) ? (
          <Columns
            header={found?.header ?? headerOf(table.text)}
            columns={{ ...found?.columns, ...table.columns }}
            onChange={(what, name) => change({ columns: { ...table.columns, [what]: name } })}
          />
        ) : null}
        {table !== null && found !== undefined ? (
          <>
            <Words
              words={found.words}
              chosen={table.postures ?? {}}
              onChange={(word, posture) =>
                change({ postures: { ...table.postures, [word]: posture } })
              }
            />
            <Outcome found={found} />
            {doubtful > 0 ? (
              <Checkbox
                checked={table.leave_out === true}
                onChange={(leave_out) => change({ leave_out })}
                label={`Leave out ${count(doubtful, 'line')} that cannot be used`}
              />
            ) : null}
          </>
        ) : null}
        {send.error ? <Notice tone="error">{errorMessage(send.error)}</Notice> : null}
        {table === null ? <Earlier recording={recording} /> : null}
      </div>
    </Dialog>
  );
}

/** The first line's cells, for choosing columns where the server could not read the table. */
export function headerOf(text: string): string[] {
  const first = text.replace(/^\ufeff?[\r\n]*/, '').split(/\r?\n/, 1)[0] ?? '';
  const delimiter = [',', ';', '\t'].toSorted(
    (a, b) => first.split(b).length - first.split(a).length,
  )[0] as string;
  return first.split(delimiter).map((name) => name.trim().replace(/^"(.*)"$/, '$1'));
}

function Columns({
  header,
  columns,
  onChange,
}: {
  header: readonly string[];
  columns: Readonly<Record<string, string>>;
  onChange: (what: string, name: string) => void;
}) {
  return (
    <section aria-label="Columns">
      <h3>Columns</h3>
      <div className={css.columns}>
        {COLUMNS.map(([what, label]) => (
          <Field key={what} label={label}>
            {(control) => (
              <Select
                {...control}
                value={columns[what] ?? ''}
                onChange={(event) => onChange(what, event.target.value)}
              >
                <option value="">–</option>
                {header.filter(Boolean).map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </Select>
            )}
          </Field>
        ))}
      </div>
    </section>
  );
}

const UNKNOWN = '?';

function Words({
  words,
  chosen,
  onChange,
}: {
  words: PosturePreview['words'];
  chosen: Readonly<Record<string, string>>;
  onChange: (word: string, posture: string) => void;
}) {
  return (
    <section aria-label="Words">
      <h3>What its words mean</h3>
      <table className={css.words}>
        <thead>
          <tr>
            <th>Word</th>
            <th>Lines</th>
            <th>Becomes</th>
          </tr>
        </thead>
        <tbody>
          {words.map(({ word, lines, group, posture, unclear }) => (
            <tr key={word}>
              <td>{word || <span className={css.muted}>(empty)</span>}</td>
              <td>{formatNumber(lines)}</td>
              <td>
                <Select
                  aria-label={`What “${word}” becomes`}
                  value={chosen[word] ?? (unclear ? UNKNOWN : (posture ?? group ?? ''))}
                  onChange={(event) => onChange(word, event.target.value)}
                >
                  {unclear ? <option value={UNKNOWN}>Not known: choose</option> : null}
                  <option value="">Nothing: left out</option>
                  {POSTURE_GROUPS.map((each) => (
                    <optgroup key={each} label={GROUP_LABELS[each]}>
                      {/* A word that is a posture's and its group's means the posture. */}
                      {POSTURES_OF[each].some((name) => (name as string) === each) ? null : (
                        <option value={each}>{GROUP_LABELS[each]}, only the group</option>
                      )}
                      {POSTURES_OF[each].map((name) => (
                        <option key={name} value={name}>
                          {POSTURE_LABELS[name]}
                        </option>
                      ))}
                    </optgroup>
                  ))}
                </Select>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Outcome({ found }: { found: PosturePreview }) {
  return (
    <>
      {found.recordings.map((plan) => (
        <Notice key={plan.id} tone={plan.closed ? 'error' : plan.replaced ? 'warn' : 'info'}>
          {plan.closed
            ? 'Its postures cannot be changed in this stage.'
            : `${formatNumber(plan.moments)} of ${count(plan.of_moments, 'moment')} get a posture.`}
          {!plan.closed && plan.replaced
            ? ` ${formatNumber(plan.replaced)} of them say something else now; that is painted over.`
            : null}
        </Notice>
      ))}
      {found.recordings.length === 0 ? (
        <Notice tone="warn">The table names no posture of any moment of this recording.</Notice>
      ) : null}
      {found.doubts.length > 0 ? (
        <Notice tone="warn">
          These lines cannot be used:
          <ul className={css.list}>
            {found.doubts.map(({ why, lines, examples }) => (
              <li key={why}>
                {count(lines, 'line')}: {why} ({examples.join('; ')})
              </li>
            ))}
          </ul>
        </Notice>
      ) : null}
    </>
  );
}

function Earlier({ recording }: { recording: RecordingDetail }) {
  const { data } = useQuery(postureImportsQuery());
  const undo = useUndoPostures();
  const mine = data?.filter(
    ({ recordings, undone_at }) => undone_at === null && recordings.includes(recording.id),
  );
  if (!mine?.length) return null;
  return (
    <section aria-label="Earlier imports">
      <h3>Imported before</h3>
      <ul className={css.earlier}>
        {mine.map(({ id, file_name, at, by, recordings }) => (
          <li key={id}>
            <span>
              {file_name}{' '}
              <span className={css.muted}>
                {formatDate(at)}
                {by ? ` · ${by.name}` : ''}
                {recordings.length > 1 ? ` · ${count(recordings.length, 'recording')}` : ''}
              </span>
            </span>
            <Button
              aria-label={`Undo the import of ${file_name}`}
              busy={undo.isPending && undo.variables === id}
              onClick={() =>
                undo.mutate(id, { onSuccess: () => toast.ok(`${file_name} was undone`) })
              }
            >
              Undo
            </Button>
          </li>
        ))}
      </ul>
      {undo.error ? <Notice tone="error">{errorMessage(undo.error)}</Notice> : null}
    </section>
  );
}
