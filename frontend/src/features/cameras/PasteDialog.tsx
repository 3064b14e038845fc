import { useState } from 'react';
import { count } from '@/shared/lib/format';
import { Button, Dialog, Field, Notice, Select, Textarea } from '@/shared/ui';
import css from './CamerasPage.module.css';
import { type PastedPoints, parsePoints, type Unit } from './points';

interface PasteDialogProps {
  onClose: () => void;
  onPoints: (points: PastedPoints['points']) => void;
}

/** Takes positions out of a spreadsheet or a text. */
export function PasteDialog({ onClose, onPoints }: PasteDialogProps) {
  const [text, setText] = useState('');
  const [unit, setUnit] = useState<Unit>('m');
  const { points, faults } = parsePoints(text, unit);
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title="Paste points"
      description="One point per line: X, Y and Z, with a name before them if you like. Z points up."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={!points.length} onClick={() => onPoints(points)}>
            {points.length ? `Use ${count(points.length, 'point')}` : 'Use points'}
          </Button>
        </>
      }
    >
      <div className={css.form}>
        <Field label="Points">
          {(control) => (
            <Textarea
              {...control}
              rows={9}
              spellCheck={false}
              placeholder={'chair leg\t-2.00\t0.30\t0.00\ndoor\t0.00\t0.30\t0.00'}
              value={text}
              onChange={(e) => setText(e.target.value)}
            />
          )}
        </Field>
        <Field label="Lengths are in">
          {(control) => (
            <Select {...control} value={unit} onChange={(e) => setUnit(e.target.value as Unit)}>
              <option value="m">metres</option>
              <option value="cm">centimetres</option>
              <option value="mm">millimetres</option>
            </Select>
          )}
        </Field>
        {faults.length ? (
          <Notice tone="warn">
            {faults.slice(0, 3).join(' ')}
            {faults.length > 3 ? ` And ${faults.length - 3} more.` : ''}
          </Notice>
        ) : null}
      </div>
    </Dialog>
  );
}
