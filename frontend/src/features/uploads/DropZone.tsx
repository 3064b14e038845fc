import { FileUp } from 'lucide-react';
import { type DragEvent, useId, useRef, useState } from 'react';
import css from '@/features/import/ImportPage.module.css';
import { Button, cx } from '@/shared/ui';
import { droppedFiles } from './paths';

interface DropZoneProps {
  label: string;
  hint: string;
  accept: string;
  multiple?: boolean;
  fault?: string;
  /** Offers to choose a whole folder, and opens folders that are dropped. */
  folder?: string;
  onFiles: (files: File[]) => void;
}

/** A place to drop files on, with a button for those who would rather choose them. */
export function DropZone({ label, hint, accept, multiple, fault, folder, onFiles }: DropZoneProps) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);
  const id = useId();
  const take = (list: Iterable<File> | null) => {
    const files = [...(list ?? [])];
    if (files.length) onFiles(multiple ? files : files.slice(0, 1));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (folder) void droppedFiles(event.dataTransfer).then(take);
    else take(event.dataTransfer.files);
  };
  return (
    <div data-fault={fault ? true : undefined}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the button does the same */}
      <div
        className={cx(css.drop, over && css.over, fault && css.dropFault)}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <FileUp size={20} aria-hidden />
        <div>
          <div className={css.choose}>
            <Button onClick={() => input.current?.click()} aria-describedby={id}>
              {label}
            </Button>
            {folder ? (
              <Button onClick={() => folderInput.current?.click()} aria-describedby={id}>
                {folder}
              </Button>
            ) : null}
          </div>
          <p id={id}>
            {hint} Or drop {multiple ? 'them' : 'it'} here.
          </p>
        </div>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={label}
          accept={accept}
          multiple={multiple}
          onChange={(event) => {
            take(event.target.files);
            // The same file may be chosen again after it was removed.
            event.target.value = '';
          }}
        />
        {folder ? (
          <input
            ref={folderInput}
            type="file"
            hidden
            aria-label={folder}
            {...{ webkitdirectory: '' }}
            onChange={(event) => {
              take(event.target.files);
              event.target.value = '';
            }}
          />
        ) : null}
      </div>
      {fault ? <p className={css.fault}>{fault}</p> : null}
    </div>
  );
}
