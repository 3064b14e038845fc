import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CheckCheck } from 'lucide-react';
import { useState } from 'react';
import { recordingsQuery } from '@/shared/api/queries/recordings';
import { count, formatAge, formatNumber } from '@/shared/lib/format';
import {
  Button,
  buttonClass,
  Checkbox,
  Dialog,
  EmptyState,
  ErrorState,
  Field,
  Select,
  SkeletonRows,
  toast,
} from '@/shared/ui';
import css from './ExportsPage.module.css';
import { type ExportCreate, ruleQuery, ruleWords, useCreateExport } from './queries';

type PixelChoice = NonNullable<ExportCreate['pixels']> | 'as-imported';

interface NewExportProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function NewExport({ open, onOpenChange }: NewExportProps) {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const query = useInfiniteQuery({ ...recordingsQuery({ stage: 'approved' }), enabled: open });
  const [includeFits, setIncludeFits] = useState(false);
  const [pixels, setPixels] = useState<PixelChoice>('as-imported');
  const [outside, setOutside] = useState<ExportCreate['outside']>('keep');
  const rule = useQuery(ruleQuery([...chosen].sort((a, b) => a - b)));
  const create = useCreateExport();
  const recordings = query.data?.pages.flatMap((page) => page.items) ?? [];
  const selected = recordings.filter((r) => chosen.has(r.id));
  const frames = selected.reduce((sum, r) => sum + r.frames - r.counts.discarded, 0);
  const all = recordings.length > 0 && selected.length === recordings.length;

  const toggle = (id: number, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const submit = () =>
    create.mutate(
      {
        recording_ids: selected.map((r) => r.id),
        include_fits: includeFits,
        outside,
        pixels: pixels === 'as-imported' ? null : pixels,
      },
      {
        onSuccess: () => {
          setChosen(new Set());
          onOpenChange(false);
          toast.ok(includeFits ? 'Two files are being written' : 'The export is being written');
        },
        onError: (error) => toast.error('The export could not be started', error),
      },
    );

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      width={560}
      title="New export"
      description="Only approved recordings can be exported. Discarded frames are left out."
      footer={
        recordings.length ? (
          <>
            <span className={css.chosen}>
              {selected.length
                ? `${count(selected.length, 'recording')}, ${count(frames, 'frame')}`
                : ''}
            </span>
            <Button onClick={() => onOpenChange(false)}>Cancel</Button>
            <Button
              variant="primary"
              disabled={!selected.length}
              busy={create.isPending}
              onClick={submit}
            >
              Write COCO file
            </Button>
          </>
        ) : null
      }
    >
      {query.isPending ? (
        <SkeletonRows rows={4} />
      ) : query.isError ? (
        <ErrorState
          title="The recordings could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : recordings.length ? (
        <>
          {recordings.length > 1 ? (
            <Checkbox
              checked={all ? true : selected.length ? 'indeterminate' : false}
              onChange={(on) => setChosen(on ? new Set(recordings.map((r) => r.id)) : new Set())}
              label={`All ${formatNumber(recordings.length)}${query.hasNextPage ? ' shown' : ''}`}
            />
          ) : null}
          <ul className={css.choices}>
            {recordings.map((r) => (
              <li key={r.id}>
                <Checkbox
                  checked={chosen.has(r.id)}
                  onChange={(on) => toggle(r.id, on)}
                  label={r.name}
                  help={`${r.infant.pseudonym}, ${formatAge(r.age_months)} · ${count(r.frames - r.counts.discarded, 'kept frame')}`}
                />
              </li>
            ))}
          </ul>
          <Checkbox
            checked={includeFits}
            onChange={setIncludeFits}
            label="Include body fits"
            help="Writes a second file, fits.npz, with the verified bodies; the COCO file names the row of each frame."
          />
          <details className={css.options}>
            <summary>How joints are written</summary>
            <Field
              label="Coordinates are measured from"
              help={pixels === 'as-imported' && rule.data ? ruleWords(rule.data) : undefined}
            >
              {(control) => (
                <Select
                  {...control}
                  value={pixels}
                  onChange={(e) => setPixels(e.target.value as PixelChoice)}
                >
                  <option value="as-imported">
                    As the recordings were imported, otherwise as in COCO
                  </option>
                  <option value="index">The centre of the first pixel (COCO)</option>
                  <option value="continuous">The outer corner of the first pixel</option>
                </Select>
              )}
            </Field>
            <Field label="Joints outside the image">
              {(control) => (
                <Select
                  {...control}
                  value={outside}
                  onChange={(e) => setOutside(e.target.value as ExportCreate['outside'])}
                >
                  <option value="keep">Keep them as placed</option>
                  <option value="drop">Write them as not present</option>
                </Select>
              )}
            </Field>
          </details>
          {query.hasNextPage ? (
            <Button
              size="sm"
              busy={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              Show more
            </Button>
          ) : null}
        </>
      ) : (
        <EmptyState
          compact
          icon={<CheckCheck size={20} />}
          title="Nothing is approved yet"
          actions={
            <Link to="/recordings" className={buttonClass()}>
              See where recordings stand
            </Link>
          }
        >
          A recording can be exported once an inspector has approved its joints and its boxes.
        </EmptyState>
      )}
    </Dialog>
  );
}
