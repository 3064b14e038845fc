import { useState } from 'react';
import { DropZone } from '@/features/uploads/DropZone';
import { addFile, forgetFiles, removeFile, useUploads } from '@/features/uploads/store';
import { UploadLine } from '@/features/uploads/UploadLine';
import { errorMessage } from '@/shared/api/problem';
import { count } from '@/shared/lib/format';
import { Button, cx, Dialog, Field, Input, Notice, Select, Textarea, toast } from '@/shared/ui';
import css from './AddPredictions.module.css';
import { type Board, type Setting, useEvaluate } from './queries';
import { SETTING_HELP, SETTING_LABELS } from './words';

const ACCEPT = '.json,.gz,.npz,.csv,.tsv';
const SETTINGS: readonly Setting[] = ['zero-shot', 'fine-tuned'];

interface AddPredictionsProps {
  board: Board;
  split: string;
  onClose: () => void;
  /** The file is being measured on this split. */
  onBegun: (split: string) => void;
}

/** Sends a file of predictions and says whose they are. */
export function AddPredictions({ board, split: shown, onClose, onBegun }: AddPredictionsProps) {
  const [file, setFile] = useState<string | null>(null);
  const [split, setSplit] = useState(shown);
  const [model, setModel] = useState('');
  const [setting, setSetting] = useState<Setting | null>(null);
  const [note, setNote] = useState('');
  const [licence, setLicence] = useState('');
  const [url, setUrl] = useState('');
  const evaluate = useEvaluate(board.release_id);
  const uploadId = useUploads((s) => (file ? s.items[file]?.uploadId : null));
  const names = [...new Set([...board.entries, ...board.elsewhere].map((entry) => entry.model))];
  const leave = () => {
    if (file) removeFile(file);
    onClose();
  };
  const submit = () => {
    if (!uploadId || !setting) return;
    evaluate.mutate(
      { upload_id: uploadId, split, model: model.trim(), setting, note, licence, url },
      {
        onSuccess: () => {
          if (file) forgetFiles([file]);
          toast.ok('The predictions are being measured');
          onClose();
          onBegun(split);
        },
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) leave();
      }}
      title="Add predictions"
      description={`What a model predicts for a split of ${board.dataset} ${board.version}. It is compared with the published labels.`}
      width={560}
      footer={
        <>
          <Button onClick={leave}>Cancel</Button>
          <Button
            variant="primary"
            disabled={!uploadId || !model.trim() || !setting}
            busy={evaluate.isPending}
            onClick={submit}
          >
            Measure
          </Button>
        </>
      }
    >
      <div className={css.form}>
        {file ? (
          <ul className={css.files}>
            <UploadLine
              fileKey={file}
              onRemove={() => {
                removeFile(file);
                setFile(null);
              }}
            />
          </ul>
        ) : (
          <DropZone
            label="Choose a file"
            hint="COCO results (.json, .json.gz), bodies (.npz) or postures (.csv)."
            accept={ACCEPT}
            onFiles={([chosen]) => {
              if (chosen) setFile(addFile(chosen));
            }}
          />
        )}
        <div className={css.two}>
          <Field
            label="Model"
            help="The same name joins zero-shot and fine-tuned files in one row."
          >
            {(control) => (
              <>
                <Input
                  {...control}
                  list="known-models"
                  maxLength={120}
                  value={model}
                  onChange={(e) => setModel(e.target.value)}
                />
                <datalist id="known-models">
                  {names.map((name) => (
                    <option key={name} value={name} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
          <Field label="Split">
            {(control) => (
              <Select {...control} value={split} onChange={(e) => setSplit(e.target.value)}>
                {board.splits.map(({ name, frames }) => (
                  <option key={name} value={name}>
                    {name}, {count(frames, 'frame')}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <fieldset className={css.settings}>
          <legend>Setting</legend>
          {SETTINGS.map((value) => (
            <label key={value} className={cx(css.setting, value === setting && css.chosen)}>
              <input
                type="radio"
                name="setting"
                checked={value === setting}
                onChange={() => setSetting(value)}
              />
              <span>
                {SETTING_LABELS[value]}
                <small>{SETTING_HELP[value]}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <Field label="Note" optional help="Such as how it was trained, and when.">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              value={note}
              onChange={(e) => setNote(e.target.value)}
            />
          )}
        </Field>
        <div className={css.two}>
          <Field label="Licence of the model" optional>
            {(control) => (
              <Input {...control} value={licence} onChange={(e) => setLicence(e.target.value)} />
            )}
          </Field>
          <Field label="Address of the model" optional>
            {(control) => (
              <Input
                {...control}
                type="url"
                placeholder="https://"
                value={url}
                onChange={(e) => setUrl(e.target.value)}
              />
            )}
          </Field>
        </div>
        {evaluate.error ? <Notice tone="error">{errorMessage(evaluate.error)}</Notice> : null}
      </div>
    </Dialog>
  );
}
