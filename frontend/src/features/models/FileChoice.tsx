import { Trash2, Upload } from 'lucide-react';
import { useId, useRef } from 'react';
import { addFile, removeFile, useUploads } from '@/features/uploads/store';
import { formatBytes } from '@/shared/lib/format';
import { Button, IconButton, Notice, Progress } from '@/shared/ui';
import css from './ModelsPage.module.css';

interface FileChoiceProps {
  label: string;
  optional?: boolean;
  help: string;
  /** File endings, as the browser takes them. */
  accept: string;
  uploadKey: string | null;
  onChoose: (key: string | null) => void;
}

/** One file, sent as soon as it is chosen. */
export function FileChoice({
  label,
  optional,
  help,
  accept,
  uploadKey,
  onChoose,
}: FileChoiceProps) {
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
        accept={accept}
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
