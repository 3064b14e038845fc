import { useQuery } from '@tanstack/react-query';
import { answer, http } from '@/shared/api/client';
import { count } from '@/shared/lib/format';
import { Field, Select } from '@/shared/ui';
import type { Choices, FirstPass } from './choices';
import css from './look.module.css';

/** Which format labels are read as: told by their content, unless somebody knows better. */
export function Format({
  report,
  choices,
  onChange,
}: {
  report: FirstPass | null;
  choices: Choices;
  onChange: (next: Choices) => void;
}) {
  const { data = [] } = useQuery({
    queryKey: ['label-formats'],
    queryFn: ({ signal }) => answer(http.GET('/api/v1/recordings/import/formats', { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const told = report && choices.format === null ? `As the content tells: ${report.title}` : null;
  return (
    <Field label="Format of the labels">
      {(control) => (
        <Select
          {...control}
          value={choices.format ?? ''}
          onChange={(event) => onChange({ ...choices, format: event.target.value || null })}
        >
          <option value="">{told ?? 'As the content tells'}</option>
          {data.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

/** Videos of which labels name frames, and what else there is to say. */
export function Remarks({ report }: { report: FirstPass }) {
  // How joints are counted stands in a part of its own.
  const notes = report.notes.filter((note) => note !== report.pixels.text);
  if (!report.videos.length && !notes.length) return null;
  return (
    <section className={css.block} aria-label="About the file">
      <h3>About the file</h3>
      <ul className={css.remarks}>
        {report.videos.map(({ name, frames, found }) => (
          <li key={name}>
            {count(frames, 'frame', 'frames')} of the video {name || 'without a name'}:{' '}
            {found ? `taken from ${found}` : 'the video was not sent'}
          </li>
        ))}
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </section>
  );
}
