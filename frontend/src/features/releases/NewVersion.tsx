import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Dataset, ReleaseItem } from '@/shared/api/types';
import { Button, cx, Dialog, Field, Input, Notice } from '@/shared/ui';
import { type Change, releaseQuery, useCreateRelease } from './queries';
import css from './ReleasesPage.module.css';
import { nextVersion, parseVersion } from './versions';

const CHANGES: readonly { value: Change; label: string; help: string }[] = [
  { value: 'minor', label: 'Minor', help: 'Frames or kinds of labels were added.' },
  { value: 'patch', label: 'Patch', help: 'Labels were corrected on the same frames.' },
  {
    value: 'major',
    label: 'Major',
    help: 'Frames were taken out, or something means another thing than before.',
  },
];

/** Infants of the latest published version whose families agree to it no more. */
function useFamiliesGone(releases: readonly ReleaseItem[], open: boolean): readonly string[] {
  const last = releases.find((release) => release.state === 'published');
  const { data } = useQuery({ ...releaseQuery(last?.id ?? 0), enabled: open && Boolean(last) });
  return data?.disagreeing ?? [];
}

interface NewVersionProps {
  dataset: Dataset;
  releases: readonly ReleaseItem[];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function NewVersion({ dataset, releases, open, onOpenChange }: NewVersionProps) {
  const [chosen, setChange] = useState<Change | null>(null);
  const gone = useFamiliesGone(releases, open);
  const change = chosen ?? (gone.length ? 'major' : 'minor');
  const [typed, setTyped] = useState<string | null>(null);
  const create = useCreateRelease();
  const navigate = useNavigate();
  const group = useId();
  const known = releases.map((release) => release.version);
  const version = typed ?? nextVersion(known, change);
  const fault = parseVersion(version) ? null : 'Three whole numbers, such as 1.0.0.';
  const close = (next: boolean) => {
    if (!next) {
      setTyped(null);
      create.reset();
    }
    onOpenChange(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title={`New version of ${dataset.title}`}
      description={
        known.length
          ? 'It begins with the rule, the splits and the words of the last version.'
          : 'A draft: what it holds is chosen on its page, and nothing is final before you publish.'
      }
      footer={
        <>
          <Button onClick={() => close(false)}>Cancel</Button>
          <Button
            variant="primary"
            disabled={fault !== null}
            busy={create.isPending}
            onClick={() =>
              create.mutate(
                { dataset_id: dataset.id, version: version.trim(), change },
                {
                  onSuccess: (release) => {
                    close(false);
                    void navigate({
                      to: '/releases/$releaseId',
                      params: { releaseId: String(release.id) },
                    });
                  },
                },
              )
            }
          >
            Begin draft
          </Button>
        </>
      }
    >
      <div className={css.form}>
        {known.length ? (
          <fieldset className={css.changes}>
            <legend>What changes</legend>
            {gone.length ? (
              <Notice tone="warn">
                {gone.join(', ')} {gone.length === 1 ? 'agrees' : 'agree'} no more, so frames go out
                of this version.
              </Notice>
            ) : null}
            {CHANGES.map(({ value, label, help }) => (
              <label key={value} className={cx(css.change, value === change && css.chosen)}>
                <input
                  type="radio"
                  name={group}
                  checked={value === change}
                  onChange={() => {
                    setChange(value);
                    setTyped(null);
                  }}
                />
                <span>
                  {label}
                  <small>{help}</small>
                </span>
                <code>{nextVersion(known, value)}</code>
              </label>
            ))}
          </fieldset>
        ) : null}
        <Field label="Version" error={fault}>
          {(control) => (
            <Input {...control} value={version} onChange={(e) => setTyped(e.target.value)} />
          )}
        </Field>
        {create.error ? <Notice tone="error">{errorMessage(create.error)}</Notice> : null}
      </div>
    </Dialog>
  );
}
