import { Fragment } from 'react';
import { Dialog, Kbd } from '@/shared/ui';
import css from './Dialogs.module.css';

const KEYS: readonly { keys: readonly string[]; act: string }[] = [
  { keys: ['F', '→'], act: 'Next moment; with Shift: select' },
  { keys: ['D', '←'], act: 'Previous moment; with Shift: select' },
  { keys: ['Home', 'End'], act: 'First, last moment' },
  { keys: ['Space'], act: 'Play at real speed' },
  { keys: ['V'], act: 'Verify the fit or the selected range' },
  { keys: ['X'], act: 'Reject, with a reason' },
  { keys: ['U'], act: 'Clear a verdict' },
  { keys: ['N'], act: 'Next fit without a verdict' },
  { keys: ['Esc'], act: 'Clear the selection' },
  { keys: ['W'], act: 'Solid, wireframe, silhouette' },
  { keys: ['J'], act: 'Joints and their errors' },
  { keys: ['Z'], act: 'Zoom to the infant' },
  { keys: ['G', '1', '…', '9'], act: 'All views the same size, or one of them large' },
];

/** What the keys of this page do. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Keys"
      width={420}
    >
      <dl className={css.keys}>
        {KEYS.map(({ keys, act }) => (
          <Fragment key={act}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{act}</dd>
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
