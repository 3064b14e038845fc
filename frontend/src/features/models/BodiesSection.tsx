import { useQuery } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { isMaintainer, useMe } from '@/shared/api/queries/accounts';
import { bodiesQuery, useRemoveBody } from '@/shared/api/queries/bodies';
import type { BodyItem } from '@/shared/api/types';
import { count, formatDate, formatNumber } from '@/shared/lib/format';
import {
  Badge,
  Button,
  ConfirmDialog,
  ErrorState,
  IconButton,
  SkeletonRows,
  toast,
} from '@/shared/ui';
import { AddBodyDialog } from './AddBodyDialog';
import css from './ModelsPage.module.css';

function BodyCard({ body, mayManage }: { body: BodyItem; mayManage: boolean }) {
  const [asking, setAsking] = useState(false);
  const remove = useRemoveBody();
  const facts = [
    `${formatNumber(body.vertices)} vertices`,
    count(body.joints, 'joint'),
    `${body.betas} shape directions`,
    `${(100 * body.rest_length_m).toFixed(0)} cm at rest`,
  ];
  return (
    <li className={css.card}>
      <div className={css.text}>
        <div className={css.head}>
          <strong>{body.name}</strong>
          <span className={css.version}>{body.version}</span>
          {body.is_open ? <Badge tone="ok">Shipped with InfantNet</Badge> : null}
        </div>
        <p>{body.about}</p>
        <p>
          {facts.join(' · ')} ·{' '}
          <code title={`SHA-256 ${body.sha256}`}>{body.sha256.slice(0, 8)}</code>
        </p>
        <p>Licence: {body.licence}</p>
        {body.pose_prior_about ? <p>Pose prior: {body.pose_prior_about}</p> : null}
        {body.created_at ? (
          <p>
            Added {formatDate(body.created_at)}
            {body.created_by ? ` by ${body.created_by.name}` : ''}
          </p>
        ) : null}
      </div>
      {mayManage && !body.is_open ? (
        <div className={css.actions}>
          <IconButton label={`Remove ${body.name}`} size="sm" onClick={() => setAsking(true)}>
            <Trash2 size={16} />
          </IconButton>
          <ConfirmDialog
            open={asking}
            onOpenChange={setAsking}
            title={`Remove ${body.name}?`}
            description="The converted file is deleted. A body that fits were made with cannot be removed."
            confirm="Remove"
            danger
            busy={remove.isPending}
            onConfirm={() =>
              remove.mutate(body.name, {
                onSuccess: () => setAsking(false),
                onError: (error) => toast.error('The body model was not removed', error),
              })
            }
          />
        </div>
      ) : null}
    </li>
  );
}

/** Body models that fits can use: the one that is shipped, and those that somebody added. */
export function BodiesSection() {
  const me = useMe();
  const [adding, setAdding] = useState(false);
  const { data, error, refetch } = useQuery(bodiesQuery);
  const mayManage = isMaintainer(me);
  return (
    <section className={css.section} aria-labelledby="bodies">
      <div className={css.titled}>
        <h2 id="bodies">Body models</h2>
        {mayManage ? (
          <Button size="sm" icon={<Plus size={14} aria-hidden />} onClick={() => setAdding(true)}>
            Add a body model
          </Button>
        ) : null}
      </div>
      <p>Surfaces with a skeleton inside, which are fitted to the joints of a recording.</p>
      {data ? (
        <ul className={css.list} aria-label="Body models">
          {data.map((body) => (
            <BodyCard key={body.name} body={body} mayManage={mayManage} />
          ))}
        </ul>
      ) : error ? (
        <ErrorState
          title="The body models could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows rows={1} height={96} />
      )}
      {adding ? <AddBodyDialog onClose={() => setAdding(false)} /> : null}
    </section>
  );
}
