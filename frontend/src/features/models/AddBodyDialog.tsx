import { Trash2, Upload } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { addFile, forgetFiles, removeFile, useUploads } from '@/features/uploads/store';
import { useAddBody } from '@/shared/api/queries/bodies';
import { formatBytes } from '@/shared/lib/format';
import { Button, Dialog, IconButton, Notice, Progress, toast } from '@/shared/ui';
import css from './ModelsPage.module.css';

interface FileChoiceProps {
  label: string;
  optional?: boolean;
  help: string;
  uploadKey: string | null;
  onChoose: (key: string | null) => void;
}

/** One file, sent as soon as it is chosen. */
function FileChoice({ label, optional, help, uploadKey, onChoose }: FileChoiceProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const item = useUploads((s) => (uploadKey ? s.items[uploadKey] : undefined));
  const choose = (file?: File) => {
    if (uploadKey) removeFile(uploadKey);
    onChoose(file ? addFile(file) : null);
  };
  return (
    <div className={css.fileChoice}>
      <span className={css.fileLabel}>
        {label}
        {optional ? <small>optional</small> : null}
      </span>
      <div className={css.file}>
        <Button
          size="sm"
          icon={<Upload size={14} aria-hidden />}
          aria-describedby={`${id}-help`}
          onClick={() => input.current?.click()}
        >
          {item ? 'Another file' : 'Choose a file'}
        </Button>
        <span className={css.fileName}>{item?.file.name ?? 'None chosen'}</span>
        {item ? (
          <IconButton label={`Leave out ${item.file.name}`} size="sm" onClick={() => choose()}>
            <Trash2 size={14} />
          </IconButton>
        ) : null}
      </div>
      <input
        ref={input}
        type="file"
        hidden
        accept=".pkl,.npz"
        aria-label={label}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) choose(file);
          event.target.value = '';
        }}
      />
      <p id={`${id}-help`}>{help}</p>
      {item && item.state !== 'done' && item.state !== 'failed' ? (
        <div className={css.upload}>
          <Progress label={`Sending ${item.file.name}`} done={item.sent} total={item.file.size} />
          <span>
            {formatBytes(item.sent)} of {formatBytes(item.file.size)}
          </span>
        </div>
      ) : null}
      {item?.state === 'failed' ? <Notice tone="error">{item.error}</Notice> : null}
    </div>
  );
}

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
        onError: (error) => toast.error('The body model was not taken', error),
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
          SMIL is free for research, and only its authors may hand it out: fetch{' '}
          <code>smil_web.pkl</code> and <code>smil_pose_prior.pkl</code> from them after agreeing to
          their licence. By adding the files you state that you may use them. Exports name the body
          and its hash; they never contain it.
        </Notice>
        <FileChoice
          label="Body model"
          help="smil_web.pkl, another model in SMPL's format, or a converted .npz."
          uploadKey={model}
          onChoose={setModel}
        />
        <FileChoice
          label="Pose prior"
          optional
          help="smil_pose_prior.pkl. Without it, the prior of the open body is used, and said to be."
          uploadKey={prior}
          onChoose={setPrior}
        />
      </div>
    </Dialog>
  );
}
