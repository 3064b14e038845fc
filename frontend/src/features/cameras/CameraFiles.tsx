import { Film, FolderInput, Plus, Trash2, TriangleAlert } from 'lucide-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { DropZone } from '@/features/uploads/DropZone';
import { droppedFiles, pathOf } from '@/features/uploads/paths';
import { retryFile, type UploadItem, useUploads } from '@/features/uploads/store';
import { count } from '@/shared/lib/format';
import { Button, cx, IconButton, Progress, Select } from '@/shared/ui';
import css from './CameraFiles.module.css';
import type { NamedCamera } from './distribute';
import { addSorted, addTo, type CameraFilesDraft, giveLeft, removeFrom } from './files';

const ACCEPT = 'image/*,video/*,.mkv,.avi,.mts,.m2ts';
const MAX_THUMBNAILS = 10;

interface CameraFilesProps {
  cameras: readonly NamedCamera[];
  draft: CameraFilesDraft;
  hint: string;
  /** Numbers the files: the n-th of each camera belong together. */
  numbered?: boolean;
  fault?: string;
  onChange: (draft: CameraFilesDraft) => void;
}

/** Files for each camera: a folder sorts itself, a card takes what is dropped on it. */
export function CameraFiles({ cameras, draft, hint, numbered, fault, onChange }: CameraFilesProps) {
  // Folders are read before their files are known: what was there when they were dropped is old.
  const latest = useRef(draft);
  latest.current = draft;
  return (
    <div className={css.files}>
      <DropZone
        label="Choose files"
        folder="Choose a folder"
        hint={hint}
        accept={ACCEPT}
        multiple
        fault={fault}
        onFiles={(files) => onChange(addSorted(latest.current, files, cameras))}
      />
      {draft.left.length ? <LeftOver cameras={cameras} draft={draft} onChange={onChange} /> : null}
      <ul className={css.cards} aria-label="Files by camera">
        {cameras.map((camera) => (
          <CameraCard
            key={camera.id}
            camera={camera}
            keys={draft.of[camera.id] ?? []}
            numbered={numbered}
            onAdd={(files) => onChange(addTo(latest.current, camera.id, files))}
            onRemove={(keys) => onChange(removeFrom(latest.current, keys))}
          />
        ))}
      </ul>
    </div>
  );
}

function LeftOver({ cameras, draft, onChange }: Omit<CameraFilesProps, 'hint'>) {
  const items = useUploads((s) => s.items);
  const names = draft.left.flatMap((key) => (items[key] ? pathOf(items[key].file) : []));
  return (
    <div className={css.left} role="status">
      <TriangleAlert size={16} aria-hidden />
      <p>
        <strong>{count(draft.left.length, 'file')} without a camera:</strong>{' '}
        {names.slice(0, 3).join(', ')}
        {names.length > 3 ? ` and ${names.length - 3} more` : ''}. Neither the folder nor the name
        says which camera took {draft.left.length === 1 ? 'it' : 'them'}.
      </p>
      <Select
        aria-label="Assign them to"
        value=""
        onChange={(e) => onChange(giveLeft(draft, Number(e.target.value)))}
      >
        <option value="" disabled>
          Assign them to…
        </option>
        {cameras.map((camera) => (
          <option key={camera.id} value={camera.id}>
            {camera.name}
          </option>
        ))}
      </Select>
      <IconButton
        label="Remove these files"
        size="sm"
        onClick={() => onChange(removeFrom(draft, draft.left))}
      >
        <Trash2 size={14} />
      </IconButton>
    </div>
  );
}

interface CameraCardProps {
  camera: NamedCamera;
  keys: string[];
  numbered?: boolean;
  onAdd: (files: File[]) => void;
  onRemove: (keys: string[]) => void;
}

function CameraCard({ camera, keys, numbered, onAdd, onRemove }: CameraCardProps) {
  const items = useUploads((s) => s.items);
  const here = keys.flatMap((key) => items[key] ?? []);
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const sent = here.filter((f) => f.state === 'done').length;
  const failed = here.filter((f) => f.state === 'failed');
  const hidden = here.length - MAX_THUMBNAILS;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void droppedFiles(event.dataTransfer).then(onAdd);
  };
  return (
    <li
      className={cx(css.card, over && css.over)}
      aria-label={camera.name}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <header>
        <strong>{camera.name}</strong>
        <span>{here.length ? count(here.length, 'file') : 'nothing yet'}</span>
        <IconButton
          label={`Add files of ${camera.name}`}
          size="sm"
          onClick={() => input.current?.click()}
        >
          <Plus size={14} />
        </IconButton>
        {here.length ? (
          <IconButton
            label={`Remove the files of ${camera.name}`}
            size="sm"
            onClick={() => onRemove(keys)}
          >
            <Trash2 size={14} />
          </IconButton>
        ) : null}
        <input
          ref={input}
          type="file"
          hidden
          multiple
          accept={ACCEPT}
          aria-label={`Files of ${camera.name}`}
          onChange={(event) => {
            onAdd([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
      </header>
      {sent < here.length ? (
        <Progress label={`Files of ${camera.name}`} done={sent} total={here.length} height={4} />
      ) : null}
      {here.length ? (
        <ol className={css.thumbnails}>
          {here.slice(0, MAX_THUMBNAILS).map((item, index) => (
            <Thumbnail
              key={item.key}
              item={item}
              number={numbered ? index + 1 : undefined}
              onRemove={() => onRemove([item.key])}
            />
          ))}
          {hidden > 0 ? <li className={css.more}>+{hidden}</li> : null}
        </ol>
      ) : (
        <p className={css.empty}>
          <FolderInput size={16} aria-hidden /> Drop its images or video here
        </p>
      )}
      {failed.map((item) => (
        <p key={item.key} className={css.fault} role="alert">
          {item.file.name}: {item.error}{' '}
          <Button size="sm" onClick={() => retryFile(item.key)}>
            Try again
          </Button>
        </p>
      ))}
    </li>
  );
}

interface ThumbnailProps {
  item: UploadItem;
  number?: number;
  onRemove: () => void;
}

function Thumbnail({ item, number, onRemove }: ThumbnailProps) {
  const { file } = item;
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!file.type.startsWith('image/') || /tiff/.test(file.type)) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return (
    <li className={cx(item.state !== 'done' && css.sending)}>
      <button type="button" title={`${pathOf(file)} – click to remove`} onClick={onRemove}>
        {url ? <img src={url} alt="" /> : <Film size={18} aria-hidden />}
        <span className="visually-hidden">Remove {file.name}</span>
        {number ? <i aria-hidden>{number}</i> : null}
        <Trash2 size={14} aria-hidden className={css.bin} />
      </button>
    </li>
  );
}
