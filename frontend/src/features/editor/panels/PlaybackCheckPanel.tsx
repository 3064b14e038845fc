import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, http } from '@/shared/api/client';
import { errorMessage } from '@/shared/api/problem';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { Button } from '@/shared/ui/Button';
import { ofFrame } from '../frames/requests';
import { useEditor, useEditorParts, useEditorPartsSoon } from '../store/context';
import { Panel } from './Panel';
import panels from './panels.module.css';

/** A frame that was accepted in playback, for whoever vouches for the sample: which joints are wrong. */
export function PlaybackCheckPanel() {
  const { frameId } = useEditorPartsSoon((s) => ({
    frameId:
      s.frames[s.index]?.in_playback === true && s.mode !== 'annotate'
        ? (s.frame?.doc.id ?? null)
        : null,
  }));
  return frameId === null ? null : <Check frameId={frameId} />;
}

function Check({ frameId }: { frameId: number }) {
  const editor = useEditor();
  const client = useQueryClient();
  const { selected } = useEditorParts((s) => ({ selected: s.selected }));
  const [wrong, setWrong] = useState<{ frame: number | null; joints: readonly number[] }>({
    frame: null,
    joints: [],
  });
  const [busy, setBusy] = useState(false);
  const key = ['playback-check', frameId];
  const { data: check } = useQuery({
    queryKey: key,
    queryFn: () =>
      answer(http.GET('/api/v1/frames/{frame_id}/playback-check', { params: ofFrame(frameId) })),
  });
  if (check === undefined) return null;
  const joints = wrong.frame === frameId ? wrong.joints : [];
  const say = async (found: readonly number[]): Promise<void> => {
    setBusy(true);
    try {
      const said = await answer(
        http.PUT('/api/v1/frames/{frame_id}/playback-check', {
          params: ofFrame(frameId),
          body: { version: check.version, wrong: [...found] },
        }),
      );
      client.setQueryData(key, said);
      setWrong({ frame: null, joints: [] });
    } catch (error) {
      editor.notify(`Not noted: ${errorMessage(error)}`, 'warn');
    }
    setBusy(false);
  };
  const named = (list: readonly number[]): string =>
    list.map((joint) => JOINT_LABELS[joint]).join(', ');
  return (
    <Panel title="Accepted in playback">
      <p className={panels.quiet}>
        Seen at {check.fps} frames a second.{' '}
        {check.wrong === null
          ? 'Nobody has checked it by itself yet.'
          : check.wrong.length === 0
            ? `${check.checked_by} found all joints right.`
            : `${check.checked_by} found wrong: ${named(check.wrong)}.`}
      </p>
      {check.may_check && (
        <div className={panels.acts}>
          <Button size="sm" variant="primary" busy={busy} onClick={() => void say([])}>
            All joints are right
          </Button>
          <Button
            size="sm"
            disabled={selected === null}
            title="Select a joint first: click it"
            onClick={() => {
              if (selected === null) return;
              const next = joints.includes(selected)
                ? joints.filter((joint) => joint !== selected)
                : [...joints, selected];
              setWrong({ frame: frameId, joints: next });
            }}
          >
            {selected !== null && joints.includes(selected) ? 'Joint is right' : 'Joint is wrong'}
          </Button>
          {joints.length > 0 && (
            <p>
              Wrong: {named(joints)}{' '}
              <Button size="sm" busy={busy} onClick={() => void say(joints)}>
                Note it
              </Button>
            </p>
          )}
        </div>
      )}
    </Panel>
  );
}
