import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import type { Gold, QualityRules } from '@/shared/api/types';
import { count } from '@/shared/lib/format';
import {
  Button,
  Checkbox,
  ErrorState,
  Field,
  Input,
  Notice,
  NumberField,
  SkeletonRows,
  toast,
} from '@/shared/ui';
import { GoldTable } from './GoldTable';
import css from './quality.module.css';
import { goldQuery, rulesQuery, useChangeRules } from './queries';

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
        <NumberField
          label="Gold frames, in % of what somebody decides"
          help="Approved frames whose answer is known. They come as single frames and look like any other."
          min={0}
          max={100}
          step={0.1}
          value={goldShare}
          onChange={setGoldShare}
        />
        <NumberField
          label="Annotated by two people, in % of all frames"
          help="The second sees the model’s proposal alone. Who has a part in a recording is never its second: they may have seen the first answer."
          min={0}
          max={100}
          step={0.1}
          value={doubleShare}
          onChange={setDoubleShare}
        />
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
        <NumberField
          label="Number of last frames that count"
          min={1}
          max={200}
          value={frames}
          onChange={setFrames}
        />
        <NumberField
          label="Similarity (OKS), mean, at least"
          min={0}
          max={1}
          step={0.01}
          value={oks}
          onChange={setOks}
        />
        <NumberField
          label="Same visibility, in % of joints, at least"
          min={0}
          max={100}
          step={1}
          value={seen}
          onChange={setSeen}
        />
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
