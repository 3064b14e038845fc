import { useQuery } from '@tanstack/react-query';
import { Bot, RotateCcw } from 'lucide-react';
import { answer, http, urlOf } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import type { FrameDocument, Revision } from '@/shared/api/types';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { backWords, FRAME_STATE_LABELS, REASON_LABELS } from '@/shared/domain/words';
import { formatDateTime } from '@/shared/lib/format';
import { Avatar } from '@/shared/ui/Avatar';
import { Button } from '@/shared/ui/Button';
import { Dialog } from '@/shared/ui/Dialog';
import { FrameStateDot } from '@/shared/ui/FrameStateDot';
import { InfantThumbnail } from '@/shared/ui/InfantThumbnail';
import { ErrorState } from '@/shared/ui/States';
import type { Operation } from '../document/types';
import { ofFrame } from '../frames/requests';
import { useEditor, useEditorParts } from '../store/context';
import css from './dialogs.module.css';
import { restoring } from './restoring';

/** Who or which model did what to this frame, newest first. */
export function HistoryDialog() {
  const editor = useEditor();
  const { doc, mayRestore } = useEditorParts((s) => ({
    doc: s.frame?.doc ?? null,
    mayRestore: s.mode === 'annotate' && s.document !== null,
  }));
  const id = doc?.id ?? 0;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: keys.frameHistory(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/frames/{frame_id}/history', { params: ofFrame(id), signal })),
    enabled: doc !== null,
    staleTime: 0,
  });
  const newest = Math.max(0, ...(data ?? []).map(({ version }) => version));
  const restore = (entry: Revision): void => {
    const done = editor.edits.perform(restoring(entry), `Restore version ${entry.version}`);
    if (done) editor.notify(`Version ${entry.version} is the newest again; undo takes that back.`);
    editor.open(null);
  };
  return (
    <Dialog
      open
      onOpenChange={() => editor.open(null)}
      title={`History of frame ${(doc?.position ?? 0) + 1}`}
      kind="drawer"
      width={420}
    >
      {error !== null && (
        <ErrorState
          title="The history could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {isPending && <p className={css.text}>Loading…</p>}
      {data?.length === 0 && <p className={css.text}>Nobody has touched this frame yet.</p>}
      <ol className={css.history}>
        {[...(data ?? [])]
          .sort((a, b) => b.version - a.version)
          .map((entry) => (
            <li key={entry.version}>
              {entry.author !== null ? (
                <Avatar name={entry.author.name} size={22} />
              ) : (
                <Bot size={18} aria-hidden />
              )}
              <div>
                <InfantThumbnail
                  src={urlOf('/api/v1/frames/{frame_id}/thumbnail', { frame_id: id })}
                  pose={poseOf(doc, entry)}
                  className={css.version}
                />
                <div className={css.versionHead}>
                  <strong>{entry.author?.name ?? entry.model}</strong>
                  <time dateTime={entry.created_at}>{formatDateTime(entry.created_at)}</time>
                </div>
                <p>{told(entry)}</p>
                <small>
                  <FrameStateDot state={entry.state} size={12} decorative />
                  {FRAME_STATE_LABELS[entry.state]}
                  {entry.reason === null ? '' : `: ${REASON_LABELS[entry.reason]}`} · round{' '}
                  {entry.round} · version {entry.version}
                </small>
                {mayRestore && entry.version !== newest ? (
                  <Button
                    size="sm"
                    variant="ghost"
                    icon={<RotateCcw size={13} aria-hidden />}
                    onClick={() => restore(entry)}
                  >
                    Restore as a new version
                  </Button>
                ) : null}
              </div>
            </li>
          ))}
      </ol>
    </Dialog>
  );
}

/** A version's joints as a picture takes them. */
function poseOf(doc: FrameDocument | null, { joints }: Revision) {
  if (doc === null) return undefined;
  const flat = joints?.flatMap(({ x, y, v }) => [x, y, v]) ?? null;
  return { width: doc.width, height: doc.height, joints: flat };
}

function told({ version, back_to, operations }: Revision): string {
  const acts = operations as unknown[] as Operation[];
  return (
    backWords(
      version,
      back_to,
      acts.map(({ type }) => type),
    ) ?? wordsFor(acts)
  );
}

/** `moved left wrist, right wrist; kept` */
function wordsFor(operations: readonly Operation[]): string {
  const parts = new Map<string, string[]>();
  const add = (what: string, name = ''): void => {
    parts.set(what, [...(parts.get(what) ?? []), ...(name ? [name] : [])]);
  };
  for (const operation of operations) {
    switch (operation.type) {
      case 'moveJoint':
        add('moved', JOINT_LABELS[operation.joint]);
        break;
      case 'placeJoint':
        add(operation.visibility === 0 ? 'removed' : 'placed', JOINT_LABELS[operation.joint]);
        break;
      case 'setVisibility':
        add(VISIBILITY_DONE[operation.visibility], JOINT_LABELS[operation.joint]);
        break;
      case 'chooseCandidate':
        add('chose a person');
        break;
      case 'setSkeleton':
        add(operation.joints === null ? 'removed the skeleton' : 'set the whole skeleton');
        break;
      case 'takeEstimate':
        add('took the joints inferred from other frames');
        break;
      case 'swapSides':
        if (operation.joints == null) add('swapped left and right');
        for (const joint of operation.joints ?? []) {
          add(
            'swapped left and right of',
            (JOINT_LABELS[joint] ?? '').replace(/^(left|right) /, ''),
          );
        }
        break;
      case 'setVerdict':
        add(VERDICT_DONE[operation.verdict]);
    }
  }
  const words = [...parts].map(([what, names]) =>
    names.length === 0 ? what : `${what} ${[...new Set(names)].join(', ')}`,
  );
  return words.join('; ') || 'first state';
}

const VISIBILITY_DONE = ['marked not present:', 'marked occluded:', 'marked visible:'] as const;
const VERDICT_DONE = {
  undecided: 'cleared the verdict',
  keep: 'accepted',
  discard: 'discarded',
} as const;
