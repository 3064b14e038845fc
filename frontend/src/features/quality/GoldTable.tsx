import { Award } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Gold } from '@/shared/api/types';
import { count, formatNumber } from '@/shared/lib/format';
import {
  Button,
  Cell,
  ConfirmDialog,
  Dialog,
  EmptyState,
  Field,
  HeadCell,
  Notice,
  NumberField,
  Select,
  Table,
  toast,
} from '@/shared/ui';
import css from './quality.module.css';
import { type Use, useMarkGold, useTakeGoldBack } from './queries';

/** Which approved frames are gold, recording by recording; more are chosen and taken back here. */
export function GoldTable({ gold }: { gold: readonly Gold[] }) {
  const [choosing, setChoosing] = useState<Gold | null>(null);
  const [taking, setTaking] = useState<Gold | null>(null);
  const takeBack = useTakeGoldBack();
  return (
    <section>
      <h2 className={css.title}>Gold frames</h2>
      {gold.length === 0 ? (
        <EmptyState icon={<Award size={20} />} title="No frame is approved yet" compact>
          Frames of approved recordings can become gold: their annotation is the known answer.
        </EmptyState>
      ) : (
        <Table>
          <thead>
            <tr>
              <HeadCell>Recording</HeadCell>
              <HeadCell numeric>Mixed in unseen</HeadCell>
              <HeadCell numeric>For training</HeadCell>
              <HeadCell numeric>Changed since</HeadCell>
              <HeadCell numeric>Approved, not gold</HeadCell>
              <HeadCell>
                <span className="visually-hidden">Choose</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {gold.map((one) => (
              <tr key={one.recording.id}>
                <td>{one.recording.name}</td>
                <Cell numeric>{formatNumber(one.check)}</Cell>
                <Cell numeric>{formatNumber(one.training)}</Cell>
                <Cell
                  numeric
                  title="The gold answer stays as it was; take the frames back and choose them anew to renew it"
                >
                  {formatNumber(one.changed)}
                </Cell>
                <Cell numeric>{formatNumber(one.available)}</Cell>
                <td className={css.buttons}>
                  <Button
                    size="sm"
                    disabled={one.available === 0}
                    aria-label={`Choose: gold frames of ${one.recording.name}`}
                    onClick={() => setChoosing(one)}
                  >
                    Choose
                  </Button>
                  <Button
                    size="sm"
                    variant="ghost"
                    disabled={one.check + one.training === 0}
                    aria-label={`Take back: gold frames of ${one.recording.name}`}
                    onClick={() => setTaking(one)}
                  >
                    Take back
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {choosing ? <ChooseDialog gold={choosing} onClose={() => setChoosing(null)} /> : null}
      {taking ? (
        <ConfirmDialog
          open
          onOpenChange={(open) => {
            if (!open) setTaking(null);
          }}
          title={`Take gold frames of “${taking.recording.name}” back?`}
          description="They are ordinary frames again. Answers that people gave to them stay."
          confirm="Take back"
          busy={takeBack.isPending}
          onConfirm={async () => {
            const recordingId = taking.recording.id;
            try {
              if (taking.check > 0) await takeBack.mutateAsync({ recordingId, use: 'check' });
              if (taking.training > 0) await takeBack.mutateAsync({ recordingId, use: 'training' });
              setTaking(null);
            } catch (error) {
              toast.error('Not taken back', error);
            }
          }}
        />
      ) : null}
    </section>
  );
}

function ChooseDialog({ gold, onClose }: { gold: Gold; onClose: () => void }) {
  const mark = useMarkGold();
  const [use, setUse] = useState<Use>('check');
  const [draw, setDraw] = useState(String(Math.min(gold.available, 20)));
  const [seed, setSeed] = useState('1');
  const wanted = { draw: Math.round(Number(draw)), seed: Math.round(Number(seed)) };
  const fits = wanted.draw >= 1 && wanted.draw <= 2000 && wanted.seed >= 0;
  const save = () =>
    mark.mutate(
      { recording_id: gold.recording.id, use, ...wanted },
      {
        onSuccess: ({ frame_ids }) => {
          toast.ok(`${count(frame_ids.length, 'frame')} became gold`);
          onClose();
        },
      },
    );
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Gold frames of “${gold.recording.name}”`}
      description="Drawn by chance from its approved frames. Their annotation, as it stands now, is the known answer."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={mark.isPending} disabled={!fits} onClick={save}>
            Choose
          </Button>
        </>
      }
    >
      <div className={css.dialog}>
        <Field
          label="For"
          help={
            use === 'check'
              ? 'People never learn which frames these were.'
              : 'The answer is shown after each frame: whoever trained on it knows it.'
          }
        >
          {(control) => (
            <Select
              {...control}
              value={use}
              onChange={(e) => setUse(e.target.value === 'training' ? 'training' : 'check')}
            >
              <option value="check">mixing in unseen</option>
              <option value="training">training</option>
            </Select>
          )}
        </Field>
        <NumberField
          label="Frames"
          help={`${formatNumber(gold.available)} are approved and not gold.`}
          min={1}
          max={2000}
          value={draw}
          onChange={setDraw}
        />
        <NumberField
          label="Seed"
          help="The same seed draws the same frames."
          min={0}
          value={seed}
          onChange={setSeed}
        />
        {mark.error ? <Notice tone="error">{errorMessage(mark.error)}</Notice> : null}
      </div>
    </Dialog>
  );
}
