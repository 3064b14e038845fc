import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { weightsQuery } from '@/shared/api/queries/system';
import type { Recipe } from '@/shared/api/types';
import { Button, Dialog, Field, Input, Notice, Select, toast } from '@/shared/ui';
import css from './ModelsPage.module.css';
import { publishedQuery, recipesQuery, useTrain } from './queries';

const TASKS: Record<string, string> = {
  keypoints_in_images: 'Joints in whole pictures',
  keypoints_in_boxes: 'Joints in boxes',
  bodies: 'Bodies in 3D',
  lifting: 'Joints in 3D',
  postures: 'Postures',
  adaptation: 'From renders to real pictures',
};

const NEEDS: Record<string, string> = {
  fits: 'verified body fits',
  postures: 'posture labels',
  cameras: 'calibrated cameras',
  joints_3d: '3D joints (verified body fits)',
  sequences: 'recordings with times',
};

const FIRST_RENDERS = 400;

/** The number that somebody typed; null for nothing, NaN for what is no whole number. */
function whole(typed: string): number | null {
  if (typed === '') return null;
  return /^\d{1,9}$/.test(typed) ? Number(typed) : Number.NaN;
}

/** What the release must hold beside joints and boxes, which every one has. */
function needsInWords(recipe: Recipe): string | null {
  const words = recipe.needs.flatMap((need) => NEEDS[need] ?? []);
  return words.length ? `Needs a release with ${words.join(', ')}.` : null;
}

/** Asks for a training: on what, which recipe, how long. */
export function TrainDialog({ onClose }: { onClose: () => void }) {
  const recipes = useQuery(recipesQuery);
  const releases = useQuery(publishedQuery);
  const weights = useQuery(weightsQuery);
  const navigate = useNavigate();
  const train = useTrain();
  const published = releases.data?.filter((r) => r.state === 'published') ?? [];
  const [release, setRelease] = useState('');
  const [name, setName] = useState('blazepose-lite');
  const [scale, setScale] = useState<'small' | 'paper'>('small');
  const [start, setStart] = useState('');
  const [seed, setSeed] = useState('');
  const [epochs, setEpochs] = useState('');
  const [called, setCalled] = useState('');
  const recipe = recipes.data?.find((r) => r.name === name) ?? recipes.data?.[0];
  const chosen = release || String(published[0]?.id ?? '');
  const settings = recipe?.settings[scale] ?? recipe?.settings.small;
  const usual = settings ? String(settings.epochs) : '';
  const starts =
    weights.data?.filter(
      (w) => w.present && recipe?.architecture && w.architecture === recipe.architecture,
    ) ?? [];
  const tasks = [...new Set(recipes.data?.map((r) => r.task))];
  const wanted = whole(epochs);
  const wrong = wanted !== null && !(wanted >= 1 && wanted <= 10_000);
  const wrongSeed = whole(seed) !== null && !((whole(seed) ?? 0) >= 0);
  const submit = () => {
    if (!recipe || !chosen) return;
    train.mutate(
      {
        release: Number(chosen),
        recipe: recipe.name,
        scale: recipe.settings[scale] ? scale : 'small',
        name: called,
        seed: whole(seed) ?? 0,
        start: start || null,
        settings: wanted === null ? {} : { epochs: wanted },
        renders: recipe.needs.includes('second_domain') ? FIRST_RENDERS : 0,
      },
      {
        onSuccess: ({ run }) =>
          void navigate({ to: '/models/runs/$runId', params: { runId: String(run.id) } }),
        onError: (error) => toast.error('The training was not begun', error),
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Train a model"
      description="It learns from the release's training split. Infants set aside from it choose the best epoch; the test split is measured at the end and decides nothing before."
      width={560}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={!recipe || !chosen || wrong || wrongSeed}
            busy={train.isPending}
            onClick={submit}
          >
            Train
          </Button>
        </>
      }
    >
      <div className={css.form}>
        {releases.data && !published.length ? (
          <Notice tone="warn">
            No release is published yet. Publish one with a training and a test split first.
          </Notice>
        ) : null}
        {releases.error || recipes.error ? (
          <Notice tone="error">Releases and recipes could not be loaded.</Notice>
        ) : null}
        <Field label="Release">
          {(control) => (
            <Select {...control} value={chosen} onChange={(e) => setRelease(e.target.value)}>
              {published.map((r) => (
                <option key={r.id} value={r.id}>
                  {r.dataset.name} {r.version}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Recipe" help={recipe?.about}>
          {(control) => (
            <Select
              {...control}
              value={recipe?.name ?? ''}
              onChange={(e) => {
                setName(e.target.value);
                setStart('');
                setEpochs('');
              }}
            >
              {tasks.map((task) => (
                <optgroup key={task} label={TASKS[task] ?? task}>
                  {recipes.data
                    ?.filter((r) => r.task === task)
                    .map((r) => (
                      <option key={r.name} value={r.name}>
                        {r.title}
                      </option>
                    ))}
                </optgroup>
              ))}
            </Select>
          )}
        </Field>
        {recipe && needsInWords(recipe) ? <Notice>{needsInWords(recipe)}</Notice> : null}
        {starts.length ? (
          <Field
            label="Begins from"
            help="The checkpoint whose weights are taught further. It is measured too, before."
          >
            {(control) => (
              <Select {...control} value={start} onChange={(e) => setStart(e.target.value)}>
                <option value="">The recipe’s own</option>
                {starts.map((w) => (
                  <option key={w.name} value={w.name}>
                    {w.name}
                    {w.demonstration ? ' (demonstration only)' : ''}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null}
        <Field
          label="Settings"
          help={
            scale === 'small'
              ? 'For a machine without a GPU: minutes instead of days, and a smaller gain.'
              : 'As in the paper. Without a GPU this takes days.'
          }
        >
          {(control) => (
            <Select
              {...control}
              value={scale}
              onChange={(e) => setScale(e.target.value === 'paper' ? 'paper' : 'small')}
            >
              <option value="small">Small</option>
              {recipe?.settings.paper ? <option value="paper">Paper</option> : null}
            </Select>
          )}
        </Field>
        <Field
          label="Epochs"
          optional
          help="Rounds over the training split."
          error={wrong ? 'A whole number from 1 to 10,000.' : null}
        >
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              placeholder={usual}
              value={epochs}
              onChange={(e) => setEpochs(e.target.value.trim())}
            />
          )}
        </Field>
        <Field
          label="Seed"
          optional
          help="Equal seeds on equal material give equal runs on a processor (CPU)."
          error={wrongSeed ? 'A whole number from 0 on.' : null}
        >
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              placeholder="0"
              value={seed}
              onChange={(e) => setSeed(e.target.value.trim())}
            />
          )}
        </Field>
        <Field label="Name" optional help="Of the model, as pre-labels made with it will tell.">
          {(control) => (
            <Input
              {...control}
              placeholder={recipe ? `${recipe.name}-1` : ''}
              value={called}
              onChange={(e) => setCalled(e.target.value.trim())}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}
