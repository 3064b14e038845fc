import { useNavigate } from '@tanstack/react-router';
import { Link2, PackageX, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Release } from '@/shared/api/types';
import { Button, ConfirmDialog, Dialog, Field, Input, Notice } from '@/shared/ui';
import { useDeleteRelease, useGiveDoi, useWithdraw } from './queries';

function Withdraw({ release }: { release: Release }) {
  const [open, setOpen] = useState(false);
  const withdraw = useWithdraw(release.id);
  return (
    <>
      <Button icon={<PackageX size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Withdraw…
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={(next) => {
          if (!next) withdraw.reset();
          setOpen(next);
        }}
        title={`Withdraw ${release.version}?`}
        description="Its files are no longer given out. Its version, its record and the list of its frames stay. This cannot be taken back."
        confirm="Withdraw release"
        danger
        busy={withdraw.isPending}
        note={{ label: 'Reason', help: 'Those who have the files will read it.', required: true }}
        onConfirm={(why) => withdraw.mutate(why ?? '', { onSuccess: () => setOpen(false) })}
      >
        {withdraw.error ? <Notice tone="error">{errorMessage(withdraw.error)}</Notice> : null}
      </ConfirmDialog>
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
      {release.state === 'published' ? <Withdraw release={release} /> : null}
    </>
  );
}
