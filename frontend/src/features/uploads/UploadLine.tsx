import { CircleCheck, RotateCw, X } from 'lucide-react';
import type { ReactNode } from 'react';
import css from '@/features/import/ImportPage.module.css';
import { formatBytes, formatPercent } from '@/shared/lib/format';
import { Button, IconButton, Progress } from '@/shared/ui';
import { retryFile, type UploadItem, useUploads } from './store';

function words({ state, sent, file }: UploadItem): string {
  switch (state) {
    case 'waiting':
      return `${formatBytes(file.size)}, queued`;
    case 'reconnecting':
      return `${formatPercent(sent, file.size)}, connection lost: trying again`;
    case 'done':
      return formatBytes(file.size);
    default:
      return `${formatPercent(sent, file.size)} of ${formatBytes(file.size)}`;
  }
}

interface UploadLineProps {
  fileKey: string;
  onRemove: () => void;
  children?: ReactNode;
}

/** One file on its way to the server. */
export function UploadLine({ fileKey, onRemove, children }: UploadLineProps) {
  const item = useUploads((s) => s.items[fileKey]);
  if (!item) return null;
  const { file, state } = item;
  return (
    <li className={css.file}>
      <div className={css.fileText}>
        <strong title={file.name}>{file.name}</strong>
        {state === 'failed' ? (
          <span className={css.fault} role="alert">
            {item.error}
          </span>
        ) : (
          <span>
            {state === 'done' ? (
              <CircleCheck size={12} aria-label="Arrived" className={css.arrived} />
            ) : null}
            {words(item)}
          </span>
        )}
        {state === 'done' || state === 'failed' ? null : (
          <Progress
            label={`Sending ${file.name}`}
            done={item.sent}
            total={Math.max(1, file.size)}
            height={4}
          />
        )}
      </div>
      {children}
      {state === 'failed' ? (
        <Button
          size="sm"
          icon={<RotateCw size={14} aria-hidden />}
          onClick={() => retryFile(fileKey)}
        >
          Try again
        </Button>
      ) : null}
      <IconButton label={`Remove ${file.name}`} size="sm" onClick={onRemove}>
        <X size={14} />
      </IconButton>
    </li>
  );
}
