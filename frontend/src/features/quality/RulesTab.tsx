import { useQuery } from '@tanstack/react-query';
import { Award } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Gold, QualityRules } from '@/shared/api/types';
import { count, formatNumber } from '@/shared/lib/format';
import {
  Button,
  Cell,
  Checkbox,
  ConfirmDialog,
  Dialog,
  EmptyState,
  ErrorState,
  Field,
  HeadCell,
  Input,
  Notice,
  Select,
  SkeletonRows,
  Table,
  toast,
} from '@/shared/ui';
import css from './quality.module.css';
import { goldQuery, rulesQuery, useChangeRules, useMarkGold, useTakeGoldBack } from './queries';

/** How much is checked, what a newcomer has to reach, and which frames are gold. */
export function RulesTab() {
  const rules = useQuery(rulesQuery);
  const gold = useQuery(goldQuery);
  const error = rules.error ?? gold.error;
  if (error) {
    const retry = () => void Promise.all([rules.refetch(), gold.refetch()]);
    return <ErrorState title="The rules could not be loaded" error={error} onRetry={retry} />;
  }
  if (!rules.data || !gold.data) return <SkeletonRows rows={6} />;
  return (
    <div className={css.stack}>
      <RulesForm key={JSON.stringify(rules.data)} rules={rules.data} gold={gold.data} />
      <GoldTable gold={gold.data} />
    </div>
  );
}

const asPercent = (share: number): string => String(Math.round(share * 1000) / 10);
const shareOf = (text: string): number => Number(text) / 100;
const isShare = (share: number): boolean => share >= 0 && share <= 1;

function RulesForm({ rules, gold }: { rules: QualityRules; gold: readonly Gold[] }) {
  const change = useChangeRules();
  const [goldShare, setGoldShare] = useState(asPercent(rules.gold_share));
  const [doubleShare, setDoubleShare] = useState(asPercent(rules.double_share));
  const [seed, setSeed] = useState(rules.seed);
  const [required, setRequired] = useState(rules.training_required);
  const [frames, setFrames] = useState(String(rules.training_frames));
  const [oks, setOks] = useState(String(rules.training_min_oks));
  const [seen, setSeen] = useState(asPercent(rules.training_min_visibility));
  const wanted: QualityRules = {
    gold_share: shareOf(goldShare),
    double_share: shareOf(doubleShare),
    seed: seed.trim(),
    training_required: required,
    training_frames: Math.round(Number(frames)),
    training_min_oks: Number(oks),
    training_min_visibility: shareOf(seen),
  };
  const fits =
    [
      wanted.gold_share,
      wanted.double_share,
      wanted.training_min_oks,
      wanted.training_min_visibility,
    ].every(isShare) &&
    wanted.seed !== '' &&
    wanted.training_frames >= 1 &&
    wanted.training_frames <= 200;
  const changed = (Object.keys(wanted) as (keyof QualityRules)[]).some(
    (key) => wanted[key] !== rules[key],
  );
  const checks = gold.reduce((sum, one) => sum + one.check, 0);
  const trainings = gold.reduce((sum, one) => sum + one.training, 0);
  const remarks = [
    wanted.gold_share > 0 && checks === 0
      ? 'No gold frame is chosen to be mixed in yet.'
      : wanted.gold_share > 0 && wanted.double_share === 0
        ? 'Without second annotations people can tell that each single frame is a gold one.'
        : null,
    required && trainings < wanted.training_frames
      ? `${count(trainings, 'training frame')} chosen: newcomers would see some of them again before they can reach the standard.`
      : null,
  ].filter((remark) => remark !== null);
  const save = () => change.mutate(wanted, { onSuccess: () => toast.ok('The rules were changed') });
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (fits && changed) save();
      }}
    >
      <fieldset>
        <legend>How much is checked</legend>
        <Field
          label="Gold frames, in % of what somebody decides"
          help="Approved frames whose answer is known. They come as single frames and look like any other."
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              max={100}
              step={0.1}
              value={goldShare}
              onChange={(e) => setGoldShare(e.target.value)}
            />
          )}
        </Field>
        <Field
          label="Annotated by two people, in % of all frames"
          help="The second sees the model’s proposal alone. Who has a part in a recording is never its second."
        >
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              max={100}
              step={0.1}
              value={doubleShare}
              onChange={(e) => setDoubleShare(e.target.value)}
            />
          )}
        </Field>
        <Field label="Seed" help="Another seed draws other frames; it is kept with each of them.">
          {(control) => (
            <Input
              {...control}
              maxLength={40}
              value={seed}
              onChange={(e) => setSeed(e.target.value)}
            />
          )}
        </Field>
      </fieldset>
      <fieldset>
        <legend>Training of newcomers</legend>
        <Checkbox
          checked={required}
          onChange={setRequired}
          label="Nobody takes recordings before they have reached the standard"
          help="By the queue, by choice, or in rotation. Maintainers can still assign somebody."
        />
        <Field label="Number of last frames that count">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={200}
              value={frames}
              onChange={(e) => setFrames(e.target.value)}
            />
          )}
        </Field>
        <Field label="Similarity (OKS), mean, at least">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              max={1}
              step={0.01}
              value={oks}
              onChange={(e) => setOks(e.target.value)}
            />
          )}
        </Field>
        <Field label="Same visibility, in % of joints, at least">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              max={100}
              step={1}
              value={seen}
              onChange={(e) => setSeen(e.target.value)}
            />
          )}
        </Field>
      </fieldset>
      <div className={css.formFoot}>
        {remarks.map((remark) => (
          <Notice key={remark} tone="warn">
            {remark}
          </Notice>
        ))}
        {change.error ? <Notice tone="error">{errorMessage(change.error)}</Notice> : null}
        <Button
          variant="primary"
          type="submit"
          busy={change.isPending}
          disabled={!fits || !changed}
        >
          Save
        </Button>
      </div>
    </form>
  );
}

function GoldTable({ gold }: { gold: readonly Gold[] }) {
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
  const [use, setUse] = useState<'check' | 'training'>('check');
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
        <Field label="Frames" help={`${formatNumber(gold.available)} are approved and not gold.`}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={2000}
              value={draw}
              onChange={(e) => setDraw(e.target.value)}
            />
          )}
        </Field>
        <Field label="Seed" help="The same seed draws the same frames.">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              value={seed}
              onChange={(e) => setSeed(e.target.value)}
            />
          )}
        </Field>
        {mark.error ? <Notice tone="error">{errorMessage(mark.error)}</Notice> : null}
      </div>
    </Dialog>
  );
}
