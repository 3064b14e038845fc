import { useQuery } from '@tanstack/react-query';
import { PackageX, Plus } from 'lucide-react';
import { useState } from 'react';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { systemQuery, weightsQuery } from '@/shared/api/queries/system';
import type { Weight } from '@/shared/api/types';
import { Button, EmptyState, ErrorState, Notice, SkeletonRows } from '@/shared/ui';
import { Page } from '@/shared/ui/Page';
import { AddWeightsDialog } from './AddWeightsDialog';
import { BodiesSection } from './BodiesSection';
import css from './ModelsPage.module.css';
import { RunsSection } from './RunsSection';
import { WeightCard } from './WeightCard';

const KINDS: readonly { kind: Weight['kind']; title: string; help: string }[] = [
  {
    kind: 'pose',
    title: 'Joints',
    help: 'RTMO and BlazePose find people in whole pictures and place their 17 joints: the pre-labels that annotators start from. HRNet and ViTPose place the joints of one person in a box that another model finds.',
  },
  {
    kind: 'segment',
    title: 'Outlines and boxes',
    help: 'SAM 2.1 outlines the infant from its joints; the box is drawn around the outline.',
  },
];

export default function ModelsPage() {
  const { data: system } = useQuery(systemQuery);
  const { data, error, refetch } = useQuery(weightsQuery);
  const me = useMe();
  const mayManage = isMaintainer(me);
  const [adding, setAdding] = useState(false);
  return (
    <Page
      title="Models"
      description="What a model has learned is stored in a file, its checkpoint (weights). Small ones are here from the start; larger ones are downloaded here once, or added as files that you have."
      actions={
        data && mayManage ? (
          <Button icon={<Plus size={14} aria-hidden />} onClick={() => setAdding(true)}>
            Add a model of your own
          </Button>
        ) : null
      }
    >
      {system && !system.models_installed ? (
        <div className={css.notice}>
          <Notice tone="warn">
            The model packages are not installed on this machine, so pre-labels and boxes cannot be
            made here. Start with <code>make run MODELS=1</code> to install them. Everything else
            works.
          </Notice>
        </div>
      ) : null}
      <RunsSection />
      {data ? (
        data.length ? (
          KINDS.map(({ kind, title, help }) => (
            <section key={kind} className={css.section} aria-labelledby={`kind-${kind}`}>
              <h2 id={`kind-${kind}`}>{title}</h2>
              <p>{help}</p>
              <ul className={css.list}>
                {data
                  .filter((w) => w.kind === kind)
                  .toSorted((a, b) => Number(b.present) - Number(a.present))
                  .map((w) => (
                    <WeightCard key={w.name} weight={w} mayManage={mayManage} />
                  ))}
              </ul>
            </section>
          ))
        ) : (
          <EmptyState icon={<PackageX size={20} />} title="No models are known">
            This installation was built without any.
          </EmptyState>
        )
      ) : error ? (
        <ErrorState
          title="The models could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={5} height={64} />
      )}
      {data && adding ? <AddWeightsDialog weights={data} onClose={() => setAdding(false)} /> : null}
      <BodiesSection />
      <p className={css.cli}>
        The same on the command line: <code>infantnet weights list</code>,{' '}
        <code>infantnet weights pull NAME</code>, <code>infantnet train RECIPE --release NAME</code>
        , and <code>infantnet weights add NAME FILE</code> for a file on this machine or a USB
        stick; <code>infantnet bodies add smil_web.pkl</code> for a body model.
      </p>
    </Page>
  );
}
