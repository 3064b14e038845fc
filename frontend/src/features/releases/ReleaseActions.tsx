import { useNavigate } from '@tanstack/react-router';
import { Eraser, Link2, PackageX, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { isActive } from '@/shared/api/queries/jobs';
import { useRemoveReleaseFiles, useWithdrawRelease } from '@/shared/api/queries/releases';
import type { Release } from '@/shared/api/types';
import {
  Button,
  ConfirmDialog,
  Dialog,
  Field,
  Input,
  Notice,
  RemoveFilesDialog,
  WithdrawDialog,
} from '@/shared/ui';
import { useDeleteRelease, useGiveDoi } from './queries';

function Withdraw({ release }: { release: Release }) {
  const [open, setOpen] = useState(false);
  const withdraw = useWithdrawRelease(release.id);
  return (
    <>
      <Button icon={<PackageX size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Withdraw…
      </Button>
      <WithdrawDialog
        open={open}
        onOpenChange={(next) => {
          if (!next) withdraw.reset();
          setOpen(next);
        }}
        name={`${release.dataset.title} ${release.version}`}
        busy={withdraw.isPending}
        error={withdraw.error}
        onConfirm={(asked) => withdraw.mutate(asked, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}

/** For a release that was withdrawn and whose files are still in the store. */
function RemoveFiles({ release }: { release: Release }) {
  const [open, setOpen] = useState(false);
  const remove = useRemoveReleaseFiles(release.id);
  return (
    <>
      <Button icon={<Eraser size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Remove files…
      </Button>
      <RemoveFilesDialog
        open={open}
        onOpenChange={(next) => {
          if (!next) remove.reset();
          setOpen(next);
        }}
        name={release.version}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}

function AddDoi({ release }: { release: Release }) {
  const [open, setOpen] = useState(false);
  const [doi, setDoi] = useState('');
  const give = useGiveDoi(release.id);
  const close = () => {
    setOpen(false);
    setDoi('');
    give.reset();
  };
  return (
    <>
      <Button icon={<Link2 size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Add DOI
      </Button>
      <Dialog
        open={open}
        onOpenChange={(next) => (next ? setOpen(true) : close())}
        title="Add DOI"
        description="The DOI under which this release can be cited. It is noted once and cannot be changed."
        footer={
          <>
            <Button onClick={close}>Cancel</Button>
            <Button
              variant="primary"
              disabled={!doi.trim()}
              busy={give.isPending}
              onClick={() => give.mutate(doi.trim(), { onSuccess: close })}
            >
              Add DOI
            </Button>
          </>
        }
      >
        <Field label="DOI" error={give.error ? errorMessage(give.error) : null}>
          {(control) => (
            <Input
              {...control}
              value={doi}
              maxLength={200}
              placeholder="10.5281/zenodo.1234567"
              onChange={(e) => setDoi(e.target.value)}
            />
          )}
        </Field>
      </Dialog>
    </>
  );
}

function Delete({ release }: { release: Release }) {
  const [open, setOpen] = useState(false);
  const remove = useDeleteRelease(release.id);
  const navigate = useNavigate();
  return (
    <>
      <Button icon={<Trash2 size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Delete draft…
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={(next) => {
          if (!next) remove.reset();
          setOpen(next);
        }}
        title={`Delete the draft ${release.version}?`}
        description="Its rule and its splits are lost. Recordings and labels stay as they are."
        confirm="Delete draft"
        danger
        busy={remove.isPending}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => void navigate({ to: '/releases', ignoreBlocker: true }),
          })
        }
      >
        {remove.error ? <Notice tone="error">{errorMessage(remove.error)}</Notice> : null}
      </ConfirmDialog>
    </>
  );
}

/** What can be done with a release as a whole. */
export function ReleaseActions({ release }: { release: Release }) {
  const final = release.state === 'published' || release.state === 'withdrawn';
  if (!final) return <Delete release={release} />;
  return (
    <>
      {release.doi ? null : <AddDoi release={release} />}
      {release.state === 'published' ? (
        <Withdraw release={release} />
      ) : release.files_removed_at || isActive(release.job) ? null : (
        <RemoveFiles release={release} />
      )}
    </>
  );
}
