import { useState } from 'react';
import { forgetFiles, removeFile, useUploads } from '@/features/uploads/store';
import { useAddWeights } from '@/shared/api/queries/system';
import type { Weight } from '@/shared/api/types';
import { Button, Dialog, Field, Input, Select, toast } from '@/shared/ui';
import { FileChoice } from './FileChoice';
import css from './ModelsPage.module.css';

interface AddWeightsDialogProps {
  weights: Weight[];
  onClose: () => void;
}

/** Takes a checkpoint under a new name, with what has to be known of it. */
export function AddWeightsDialog({ weights, onClose }: AddWeightsDialogProps) {
  const [file, setFile] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [architecture, setArchitecture] = useState('');
  const [licence, setLicence] = useState('');
  const [trainedOn, setTrainedOn] = useState('');
  const add = useAddWeights();
  const item = useUploads((s) => (file ? s.items[file] : undefined));
  const uploadId = item?.uploadId;
  const taken = weights.some((w) => w.name === name);
  const architectures = [...new Set(weights.map((w) => w.architecture))];
  const leave = () => {
    if (file) removeFile(file);
    onClose();
  };
  const submit = () => {
    if (!uploadId) return;
    add.mutate(
      { name, upload_id: uploadId, architecture, licence, trained_on: trainedOn },
      {
        onSuccess: () => {
          if (file) forgetFiles([file]);
          toast.ok(`${name} can be used`);
          onClose();
        },
        onError: (error) => toast.error('This file was not accepted', error),
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) leave();
      }}
      title="Add a model of your own"
      description="The file is read without running anything in it, and must contain exactly the weights of the architecture that you name."
      width={520}
      footer={
        <>
          <Button onClick={leave}>Cancel</Button>
          <Button
            variant="primary"
            disabled={!uploadId || !name || taken || !architecture || !licence}
            busy={add.isPending}
            onClick={submit}
          >
            Add
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <Field
          label="Name"
          help="Lower-case letters, digits, - and _. Pre-labels made with it carry this name."
          error={taken ? 'This name is taken.' : null}
        >
          {(control) => (
            <Input {...control} value={name} onChange={(e) => setName(e.target.value.trim())} />
          )}
        </Field>
        <Field label="Architecture">
          {(control) => (
            <Select
              {...control}
              value={architecture}
              onChange={(e) => setArchitecture(e.target.value)}
            >
              <option value="">None chosen</option>
              {architectures.map((a) => (
                <option key={a} value={a}>
                  {a}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Licence" help="Under which it may be used, such as CC-BY-4.0.">
          {(control) => (
            <Input {...control} value={licence} onChange={(e) => setLicence(e.target.value)} />
          )}
        </Field>
        <Field label="Trained on" optional help="Data and quality, in a line.">
          {(control) => (
            <Input {...control} value={trainedOn} onChange={(e) => setTrainedOn(e.target.value)} />
          )}
        </Field>
        <FileChoice
          label="Checkpoint"
          help="A .pth or .pt file as PyTorch writes it."
          accept=".pth,.pt"
          uploadKey={file}
          onChoose={setFile}
        />
      </div>
    </Dialog>
  );
}
