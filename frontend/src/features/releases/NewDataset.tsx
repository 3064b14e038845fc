import { useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Dataset } from '@/shared/api/types';
import { Button, Dialog, Field, Input, Notice, Textarea } from '@/shared/ui';
import { useCreateDataset } from './queries';
import css from './ReleasesPage.module.css';

const NAME = /^[a-z0-9][a-z0-9-]{0,79}$/;

/** `Infant poses at home` → `infant-poses-at-home`. */
export function nameFrom(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80);
}

interface NewDatasetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onMade: (dataset: Dataset) => void;
}

export function NewDataset({ open, onOpenChange, onMade }: NewDatasetProps) {
  const [title, setTitle] = useState('');
  const [typedName, setTypedName] = useState<string | null>(null);
  const [description, setDescription] = useState('');
  const create = useCreateDataset();
  const name = typedName ?? nameFrom(title);
  const close = (next: boolean) => {
    if (!next) {
      setTitle('');
      setTypedName(null);
      setDescription('');
      create.reset();
    }
    onOpenChange(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title="New dataset"
      description="A dataset has one name; its releases are versions that follow each other."
      footer={
        <>
          <Button onClick={() => close(false)}>Cancel</Button>
          <Button
            variant="primary"
            disabled={!title.trim() || !NAME.test(name)}
            busy={create.isPending}
            onClick={() =>
              create.mutate(
                { name, title: title.trim(), description: description.trim() },
                {
                  onSuccess: (dataset) => {
                    close(false);
                    onMade(dataset);
                  },
                },
              )
            }
          >
            Make dataset
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <Field label="Title" help="As people read it.">
          {(control) => (
            <Input
              {...control}
              value={title}
              maxLength={200}
              onChange={(e) => setTitle(e.target.value)}
            />
          )}
        </Field>
        <Field
          label="Name"
          help="What files and folders are called. It cannot be changed later."
          error={name && !NAME.test(name) ? 'Small letters, figures and hyphens.' : null}
        >
          {(control) => (
            <Input
              {...control}
              value={name}
              maxLength={80}
              onChange={(e) => setTypedName(e.target.value)}
            />
          )}
        </Field>
        <Field
          label="Description"
          help="What it is for, and for what it should not be used. The datasheet begins with it."
          optional
        >
          {(control) => (
            <Textarea
              {...control}
              value={description}
              maxLength={20_000}
              onChange={(e) => setDescription(e.target.value)}
            />
          )}
        </Field>
        {create.error ? <Notice tone="error">{errorMessage(create.error)}</Notice> : null}
      </div>
    </Dialog>
  );
}
