import { useState } from 'react';
import { DropZone } from '@/features/uploads/DropZone';
import { remembered } from '@/features/uploads/memory';
import { addFile, removeFile, useUploads } from '@/features/uploads/store';
import { UploadLine } from '@/features/uploads/UploadLine';
import type { Inspection } from '@/shared/api/types';
import { MAX_PSEUDONYM_LENGTH } from '@/shared/domain/rules.gen';
import { formatBytes } from '@/shared/lib/format';
import { Badge, Button, Input, Notice, Select } from '@/shared/ui';
import { camerasOf, moved, renamed, without } from './cameras';
import { type Draft, type Faults, suggestedBy } from './draft';
import css from './ImportPage.module.css';

interface FilesProps {
  draft: Draft;
  faults: Faults;
  onChange: (next: Partial<Draft>) => void;
  /** What the server understood of the videos, once they have arrived. */
  seen: Inspection | null;
}

const VIDEO_TYPES = 'video/*,.mkv,.avi,.mts,.m2ts';
const IMAGE_TYPES = 'image/*,.zip';
const LABELLED_TYPES = 'image/*,video/*,.zip,.tar,.tgz,.gz,.mkv,.avi,.mts,.m2ts';
const LABEL_TYPES = '.json,.xml,.csv,.h5,.slp,.gz,.zip,.tar,.tgz,application/json';
const MAX_LINES = 8;

/** Uploads of an earlier visit that wait for their file. */
function Unfinished() {
  const [earlier] = useState(() => remembered());
  const items = useUploads((s) => s.items);
  const here = new Set(Object.values(items).map((i) => `${i.file.name} ${i.file.size}`));
  const waiting = earlier.filter((u) => !here.has(`${u.filename} ${u.size}`));
  if (!waiting.length) return null;
  const names = waiting.slice(0, 3).map((u) => `${u.filename} (${formatBytes(u.size)})`);
  const rest = waiting.length - names.length;
  return (
    <Notice>
      You started to send {names.join(', ')}
      {rest > 0 ? ` and ${rest} more` : ''}. Choose the same {waiting.length > 1 ? 'files' : 'file'}{' '}
      again, and sending continues where it stopped.
    </Notice>
  );
}

/** A camera's name; it is taken over when the field is left, not with every letter. */
function NameInput({
  index,
  name,
  onRename,
}: {
  index: number;
  name: string;
  onRename: (name: string) => void;
}) {
  const [text, setText] = useState(name);
  return (
    <Input
      maxLength={MAX_PSEUDONYM_LENGTH}
      aria-label={`Name of camera ${index + 1}`}
      value={text}
      onChange={(e) => setText(e.target.value)}
      onBlur={() => {
        if (text !== name) onRename(text);
      }}
    />
  );
}

function Videos({ draft, faults, onChange, seen }: FilesProps) {
  const items = useUploads((s) => s.items);
  const keyOf = (uploadId: number) => draft.videos.find((k) => items[k]?.uploadId === uploadId);
  const nameOf = (key: string) => items[key]?.file.name ?? '';
  const understood = seen ? camerasOf(seen, keyOf) : [];
  const cameras = draft.cameras.length ? draft.cameras : understood;
  const placed = new Set(cameras.flatMap((camera) => camera.files));
  const loose = draft.videos.filter((key) => !placed.has(key));

  const add = (files: File[]) => {
    const first = files[0];
    onChange({
      videos: [...draft.videos, ...files.map(addFile)],
      ...suggestedBy(draft, first),
    });
  };
  const remove = (key: string) => {
    removeFile(key);
    onChange({
      videos: draft.videos.filter((k) => k !== key),
      cameras: without(draft.cameras, key),
    });
  };
  const line = (key: string, camera: number | null) => (
    <UploadLine key={key} fileKey={key} onRemove={() => remove(key)}>
      {camera !== null && draft.videos.length > 1 ? (
        <Select
          className={css.belongs}
          aria-label={`Camera of ${nameOf(key)}`}
          value={camera}
          onChange={(e) => {
            const to = e.target.value === '' ? null : Number(e.target.value);
            onChange({ cameras: moved(cameras, key, to, nameOf) });
          }}
        >
          {cameras.map((other, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a camera is its place, names may be equal
            <option key={index} value={index}>
              {other.name || `camera ${index + 1}`}
            </option>
          ))}
          {cameras[camera] && cameras[camera].files.length > 1 ? (
            <option value="">A camera of its own</option>
          ) : null}
        </Select>
      ) : null}
    </UploadLine>
  );
  return (
    <>
      <DropZone
        label="Choose videos"
        hint="One per camera, or all files of a long recording. MP4, MOV, MKV, AVI, WebM."
        accept={VIDEO_TYPES}
        multiple
        fault={faults.files}
        onFiles={add}
      />
      {cameras.map((camera, index) => {
        const known = seen?.cameras[index];
        const doubtful = known && !known.sure && !draft.cameras.length;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a camera is its place in the list
          <section key={index} className={css.files} aria-label={`Camera ${index + 1}`}>
            <header className={css.cameraHead}>
              <span aria-hidden>Camera</span>
              <NameInput
                key={camera.name}
                index={index}
                name={camera.name}
                onRename={(name) => onChange({ cameras: renamed(cameras, index, name) })}
              />
              {doubtful ? <Badge tone="warn">Please check</Badge> : null}
            </header>
            <ul>{camera.files.map((key) => line(key, index))}</ul>
            {known?.reason && !draft.cameras.length ? (
              <p className={css.reason}>{known.reason}</p>
            ) : null}
          </section>
        );
      })}
      {loose.length ? <ul className={css.files}>{loose.map((key) => line(key, null))}</ul> : null}
      {faults.cameras ? <p className={css.fault}>{faults.cameras}</p> : null}
      {draft.cameras.length ? (
        <div>
          <Button size="sm" onClick={() => onChange({ cameras: [] })}>
            Arrange by name and time again
          </Button>
        </div>
      ) : null}
    </>
  );
}

function ImagesList({ draft, faults, onChange }: FilesProps) {
  const add = (files: File[]) => {
    const images = [...draft.images, ...files.map(addFile)];
    const first = files[0];
    onChange({ images, ...suggestedBy(draft, first) });
  };
  const rest = draft.images.length - MAX_LINES;
  const labelled = draft.kind === 'labels';
  return (
    <>
      <DropZone
        label={labelled ? 'Choose images, a zip, or videos' : 'Choose images or a zip'}
        hint={
          labelled
            ? 'What the labels name: images, best as a zip or tar with their folders, or videos. Not needed where the labels’ archive holds the images.'
            : 'JPEG, PNG, WebP. A zip is quicker than thousands of files. Frames are ordered by name.'
        }
        accept={labelled ? LABELLED_TYPES : IMAGE_TYPES}
        multiple
        fault={faults.files}
        onFiles={add}
      />
      {draft.images.length ? (
        <ul className={css.files}>
          {draft.images.slice(0, MAX_LINES).map((key) => (
            <UploadLine
              key={key}
              fileKey={key}
              onRemove={() => {
                removeFile(key);
                onChange({ images: draft.images.filter((k) => k !== key) });
              }}
            />
          ))}
        </ul>
      ) : null}
      {rest > 0 ? <p className={css.help}>and {rest} more</p> : null}
    </>
  );
}

function LabelFiles({ draft, faults, onChange }: FilesProps) {
  const rest = draft.labels.length - MAX_LINES;
  return (
    <>
      <DropZone
        label="Choose the labels"
        hint="One file of labels, or labelme’s many. Formats that are folders (YOLO, SyRIP, FiftyOne, MINI-RGBD) as a zip or tar, with their images in it."
        accept={LABEL_TYPES}
        multiple
        fault={faults.labels}
        onFiles={(files) => {
          const first = files[0];
          onChange({
            labels: [...draft.labels, ...files.map(addFile)],
            ...suggestedBy(draft, first),
          });
        }}
      />
      {draft.labels.length ? (
        <ul className={css.files} aria-label="Labels">
          {draft.labels.slice(0, MAX_LINES).map((key) => (
            <UploadLine
              key={key}
              fileKey={key}
              onRemove={() => {
                removeFile(key);
                onChange({ labels: draft.labels.filter((k) => k !== key) });
              }}
            />
          ))}
        </ul>
      ) : null}
      {rest > 0 ? <p className={css.help}>and {rest} more</p> : null}
    </>
  );
}

export function FilesSection(props: FilesProps) {
  const { kind } = props.draft;
  return (
    <div className={css.stack}>
      <Unfinished />
      {kind === 'video' ? <Videos {...props} /> : null}
      {kind === 'labels' ? <LabelFiles {...props} /> : null}
      {kind === 'video' ? null : <ImagesList {...props} />}
    </div>
  );
}
