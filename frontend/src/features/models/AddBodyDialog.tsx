import { useState } from 'react';
import { forgetFiles, removeFile, useUploads } from '@/features/uploads/store';
import { useAddBody } from '@/shared/api/queries/bodies';
import { Button, Dialog, Notice, toast } from '@/shared/ui';
import { FileChoice } from './FileChoice';
import css from './ModelsPage.module.css';

/** Takes SMIL's files, or a body model file, and has them converted once. */
export function AddBodyDialog({ onClose }: { onClose: () => void }) {
  const [model, setModel] = useState<string | null>(null);
  const [prior, setPrior] = useState<string | null>(null);
  const add = useAddBody();
  const modelItem = useUploads((s) => (model ? s.items[model] : undefined));
  const priorItem = useUploads((s) => (prior ? s.items[prior] : undefined));
  const ready = Boolean(modelItem?.uploadId) && (!prior || Boolean(priorItem?.uploadId));
  const leave = () => {
    for (const key of [model, prior]) if (key) removeFile(key);
    onClose();
  };
  const submit = () => {
    if (!modelItem?.uploadId) return;
    add.mutate(
      {
        upload_id: modelItem.uploadId,
        ...(priorItem?.uploadId ? { prior_upload_id: priorItem.uploadId } : {}),
      },
      {
        onSuccess: (body) => {
          forgetFiles([model, prior].filter((key) => key !== null));
          toast.ok(`${body.name} can be used for fits`);
          onClose();
        },
        onError: (error) => toast.error('The body model was not accepted', error),
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) leave();
      }}
      title="Add a body model"
      description="Its files are read without running anything in them, checked, converted once, and kept on this machine."
      width={520}
      footer={
        <>
          <Button onClick={leave}>Cancel</Button>
          <Button variant="primary" disabled={!ready} busy={add.isPending} onClick={submit}>
            Add
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <Notice>
          SMIL is free for research, and only its authors may distribute it: fetch{' '}
          <code>smil_web.pkl</code> and <code>smil_pose_prior.pkl</code> from them after agreeing to
          their licence. By adding the files you state that you may use them. Exports name the body
          and its hash; they never contain it.
        </Notice>
        <FileChoice
          label="Body model"
          accept=".pkl,.npz"
          help="smil_web.pkl, another model in SMPL's format, or a converted .npz."
          uploadKey={model}
          onChoose={setModel}
        />
        <FileChoice
          label="Pose prior"
          accept=".pkl,.npz"
          optional
          help="smil_pose_prior.pkl. Without it, the prior of the open body is used, and shown as such."
          uploadKey={prior}
          onChoose={setPrior}
        />
      </div>
    </Dialog>
  );
}
