import { useInfiniteQuery } from '@tanstack/react-query';
import { CircleCheck, CircleDashed, Download, Trash2, TriangleAlert, Upload } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { JobProgress } from '@/features/jobs/JobRow';
import { addFile, forgetFiles, removeFile, useUploads } from '@/features/uploads/store';
import { isActive, jobsQuery } from '@/shared/api/queries/jobs';
import {
  useAddWeights,
  useChooseWeights,
  usePullWeights,
  useRemoveWeights,
} from '@/shared/api/queries/system';
import type { Job, Weight } from '@/shared/api/types';
import { formatBytes, formatDate } from '@/shared/lib/format';
import { Badge, Button, ConfirmDialog, IconButton, Notice, Progress, toast } from '@/shared/ui';
import css from './ModelsPage.module.css';

/** The running download of these weights, if any. */
function usePullJob(name: string): Job | undefined {
  const { data } = useInfiniteQuery(jobsQuery({ kind: 'pull_weights' }));
  const jobs = data?.pages.flatMap((page) => page.items) ?? [];
  return jobs.find((job) => job.title.split(' ').includes(name));
}

function FileUpload({
  weight,
  uploadKey,
  onEnd,
}: {
  weight: Weight;
  uploadKey: string;
  onEnd: () => void;
}) {
  const item = useUploads((s) => s.items[uploadKey]);
  const add = useAddWeights();
  const used = useRef(false);
  const uploadId = item?.uploadId;
  useEffect(() => {
    if (!uploadId || used.current) return;
    used.current = true;
    add.mutate(
      { name: weight.name, upload_id: uploadId },
      {
        onSuccess: () => toast.ok(`${weight.title} is ready`),
        onError: (error) => toast.error('This file was not accepted', error),
        onSettled: () => {
          forgetFiles([uploadKey]);
          onEnd();
        },
      },
    );
  }, [uploadId, uploadKey, weight.name, weight.title, add, onEnd]);
  if (!item) return null;
  if (item.state === 'failed') {
    return (
      <Notice tone="error">
        {item.error}{' '}
        <Button
          size="sm"
          onClick={() => {
            removeFile(uploadKey);
            onEnd();
          }}
        >
          Dismiss
        </Button>
      </Notice>
    );
  }
  return (
    <div className={css.upload}>
      <Progress label={`Sending ${item.file.name}`} done={item.sent} total={item.file.size} />
      <span>
        {item.state === 'done'
          ? 'Checking the file…'
          : `${formatBytes(item.sent)} of ${formatBytes(item.file.size)}`}
      </span>
    </div>
  );
}

function State({ weight }: { weight: Weight }) {
  if (!weight.present) {
    return (
      <Badge icon={<CircleDashed size={12} aria-hidden />}>
        {weight.partial_bytes > 0
          ? `Partly downloaded: ${formatBytes(weight.partial_bytes)}`
          : 'Not on this machine'}
      </Badge>
    );
  }
  return (
    <>
      <Badge tone="ok" icon={<CircleCheck size={12} aria-hidden />}>
        Here
      </Badge>
      {weight.in_use ? (
        <Badge tone="accent">{weight.chosen ? 'Chosen here' : 'Used by default'}</Badge>
      ) : null}
      {weight.demonstration ? (
        <Badge tone="warn" icon={<TriangleAlert size={12} aria-hidden />}>
          Demonstration only
        </Badge>
      ) : null}
      {weight.untrained ? (
        <Badge tone="warn" icon={<TriangleAlert size={12} aria-hidden />}>
          Untrained: for tests only
        </Badge>
      ) : null}
      {weight.published === false && !weight.untrained ? (
        <Badge tone="warn" title="Its checksum is not that of the published file">
          Not the published file
        </Badge>
      ) : null}
    </>
  );
}

/** What the model is given, in words. */
const TAKES: Record<Weight['takes'], string> = {
  image: 'Takes whole pictures',
  boxes: 'Takes boxes of people, which another model finds',
  prompts: 'Takes points and boxes',
};

/** Where the file that is here came from; null without one. */
function originOf(weight: Weight): string | null {
  const who = weight.created_by ? ` by ${weight.created_by.name}` : '';
  const when = weight.added_at ? ` ${formatDate(weight.added_at)}` : '';
  switch (weight.origin) {
    case 'shipped':
      return 'Shipped with InfantNet';
    case 'downloaded':
      return `Downloaded${when} from ${new URL(weight.url).host}`;
    case 'uploaded':
      return `Added${when}${who}`;
    default:
      return null;
  }
}

/** Makes it the one that jobs take unless told otherwise. */
function Choice({ weight }: { weight: Weight }) {
  const choose = useChooseWeights();
  if (weight.demonstration || weight.untrained || (weight.in_use && !weight.chosen)) return null;
  const use = weight.kind === 'pose' ? 'pre-labels' : 'boxes';
  return (
    <Button
      size="sm"
      variant="ghost"
      busy={choose.isPending}
      onClick={() =>
        choose.mutate(
          { name: weight.name, chosen: !weight.chosen },
          { onError: (error) => toast.error('It could not be chosen', error) },
        )
      }
    >
      {weight.chosen ? 'Back to the default' : `Use for ${use}`}
    </Button>
  );
}

function Removal({ weight }: { weight: Weight }) {
  const [asking, setAsking] = useState(false);
  const remove = useRemoveWeights();
  return (
    <>
      <IconButton label={`Remove ${weight.name}`} size="sm" onClick={() => setAsking(true)}>
        <Trash2 size={16} />
      </IconButton>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Remove ${weight.name}?`}
        description="Its file is deleted from this machine. What was labelled with it keeps its name and checksum."
        confirm="Remove"
        danger
        busy={remove.isPending}
        onConfirm={() =>
          remove.mutate(weight.name, {
            onSuccess: () => setAsking(false),
            onError: (error) => toast.error('The file was not removed', error),
          })
        }
      />
    </>
  );
}

export function WeightCard({ weight, mayManage }: { weight: Weight; mayManage: boolean }) {
  const pull = usePullWeights();
  const job = usePullJob(weight.name);
  const [uploadKey, setUploadKey] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const size = weight.bytes ?? weight.expected_bytes;
  const origin = originOf(weight);
  const pulling = isActive(job);
  const failure = job?.state === 'failed' && !weight.present ? job.error : null;
  return (
    <li className={css.card}>
      <div className={css.text}>
        <div className={css.head}>
          <strong>{weight.name}</strong>
          <State weight={weight} />
        </div>
        <p>
          {weight.title} {size ? `${formatBytes(size)}. ` : ''}Licence {weight.licence}.
        </p>
        <p>
          {TAKES[weight.takes]}
          {weight.sha256 ? (
            <>
              {' · '}
              <code title={`SHA-256 ${weight.sha256}`}>{weight.sha256.slice(0, 8)}</code>
            </>
          ) : null}
          {origin ? ` · ${origin}` : ''}
        </p>
        {failure ? <Notice tone="error">{failure}</Notice> : null}
      </div>
      <div className={css.actions}>
        {pulling && job ? (
          <div className={css.upload}>
            <JobProgress job={job} />
          </div>
        ) : uploadKey ? (
          <FileUpload weight={weight} uploadKey={uploadKey} onEnd={() => setUploadKey(null)} />
        ) : weight.present ? (
          mayManage ? (
            <>
              <Choice weight={weight} />
              {weight.origin !== 'shipped' ? <Removal weight={weight} /> : null}
            </>
          ) : null
        ) : (
          <>
            {weight.url ? (
              <Button
                size="sm"
                icon={<Download size={14} aria-hidden />}
                busy={pull.isPending}
                onClick={() =>
                  pull.mutate(weight.name, {
                    onError: (error) => toast.error('The download could not be started', error),
                  })
                }
              >
                {weight.partial_bytes > 0 ? 'Resume the download' : 'Download'}
              </Button>
            ) : null}
            <Button
              size="sm"
              variant="ghost"
              icon={<Upload size={14} aria-hidden />}
              onClick={() => input.current?.click()}
            >
              Add a file
            </Button>
            <input
              ref={input}
              type="file"
              accept=".pth,.pt"
              hidden
              aria-label={`Checkpoint file of ${weight.name}`}
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file) setUploadKey(addFile(file));
                event.target.value = '';
              }}
            />
          </>
        )}
      </div>
    </li>
  );
}
