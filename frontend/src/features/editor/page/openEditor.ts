/** Ties an editor to the server, the browser's memory, the address and the live news. */

import { readFrame } from '@/features/editor/frames/requests';
import { Editor } from '@/features/editor/store/Editor';
import { watchSuspicions } from '@/features/editor/suspicion/opening';
import { sendWaiver, WaiverQueue, waiversKept } from '@/features/editor/suspicion/waivers';
import { CommentQueue, commentsKept, sendComment } from '@/features/editor/sync/comments';
import { sendAfter, standAside } from '@/features/editor/sync/leftovers';
import { IndexedDbMemory } from '@/features/editor/sync/memory';
import {
  PostureQueue,
  posturesKept,
  readProposals as readPostureProposals,
  readPostures,
  sendPostures,
} from '@/features/editor/sync/postures';
import { type Arrived, RangeQueue, rangesKept, sendRange } from '@/features/editor/sync/ranges';
import { HttpTransport } from '@/features/editor/sync/transport';
import { travelOf } from '@/features/editor/travel/requests';
import { answer, http } from '@/shared/api/client';
import { onFrameEvent, onPostureEvent, onPropagation, onRangeEvent } from '@/shared/api/events';
import { keys } from '@/shared/api/keys';
import { useKept } from '@/shared/api/offline';
import { errorMessage } from '@/shared/api/problem';
import { momentsQuery } from '@/shared/api/queries/calibrations';
import { framesQuery } from '@/shared/api/queries/recordings';
import { queryClient } from '@/shared/api/queryClient';
import type { FrameItem, Me, RecordingDetail } from '@/shared/api/types';
import { watchLooks } from '../inspect/editorLooks';
import { wordsOf } from '../inspect/letters';
import { watchParts } from '../parts/watchParts';
import { Address } from './address';
import { openDesk, warnOfForgetting, watchPage } from './desk';
import { Elsewhere } from './elsewhere';
import { showRestored } from './restored';
import { askedJoint } from './search';
import { rememberedViews, rememberViews, searchFor } from './views';
import { readTheRest } from './wholeStrip';

interface Opening {
  recording: RecordingDetail;
  frames: FrameItem[];
  /** Whether the recording has more frames than these. */
  more: boolean;
  me: Me;
  position: number;
}

export function openEditor({ recording, frames, more, me, position }: Opening) {
  const { queue, cache, personal } = openDesk({
    userId: me.id,
    transport: new HttpTransport(),
    memory: new IndexedDbMemory(),
    read: readFrame,
  });
  const comments = new CommentQueue({
    send: sendComment,
    memory: commentsKept(),
    userId: me.id,
  });
  const postureQueue = new PostureQueue({
    send: sendPostures,
    memory: posturesKept(),
    userId: me.id,
  });
  const arrived: Arrived = (frames) => queue.arrived(frames);
  const ranges = new RangeQueue({
    send: sendRange(arrived),
    memory: rangesKept(),
    userId: me.id,
  });
  const waivers = new WaiverQueue({
    send: sendWaiver(arrived),
    memory: waiversKept(),
    userId: me.id,
  });
  // Said on the page Inspect; what still waits of it arrives before the recording moves on.
  const words = wordsOf(me.id);
  const address = new Address(recording.id);
  const found = frames.findIndex((item) => item.position === position);
  const index = Math.max(found, 0);
  const joint = askedJoint();
  const views = rememberedViews();
  const several = recording.cameras_list.length > 1;
  const editor = new Editor({
    views,
    onViews: (settings) => {
      rememberViews(settings);
      nameLayout();
    },
    me,
    recording,
    frames,
    index,
    queue,
    cache,
    comments,
    postures: {
      queue: postureQueue,
      read: () => readPostures(recording.id),
      readProposals: () => readPostureProposals(recording.id),
    },
    personal,
    ranges,
    waivers,
    words,
    readProposals,
    travel: travelOf(recording.id),
    onPosition: (next) => address.show(next),
  });
  const nameLayout = (): void => {
    address.search = several ? searchFor(editor.state.views.layout) : '';
    if (editor.item !== null) address.show(editor.item.position);
  };
  if (several) {
    address.search = searchFor(editor.state.views.layout);
    void readCalibration(editor, views.layout === undefined);
  }
  const aside = standAside();
  aside.then(() => comments.restore()).catch(() => warnOfForgetting(editor));
  // Acts of an earlier visit wait for the changes to single frames that came before them.
  const restoreActs = (): void => {
    for (const letters of [ranges, waivers, words]) {
      void aside.then(() => letters.restore()).catch(() => undefined);
    }
  };
  void editor.ranges.readProposals();
  aside.then(() => postureQueue.restore()).catch(() => undefined);
  void editor.postures.load();
  const stopRestored = showRestored({
    queue,
    read: () => queryClient.fetchQuery({ ...framesQuery(recording.id), staleTime: 0 }),
    show: (item) => editor.frames.patchItem(item.id, item),
    onFirst: () => {
      if (!useKept.getState().kept) {
        editor.notify('Changes from your last visit are being saved.');
      }
    },
  });
  // Changes of an earlier visit come before the frames that they belong to.
  aside
    .then(() => queue.restore())
    .catch(() => warnOfForgetting(editor))
    .finally(() => {
      restoreActs();
      // A link to the recording, rather than to one of its frames.
      if (position === 0) editor.start();
      else editor.go(index);
      if (joint !== null) selectOnceHere(editor, joint);
    });
  const stopReading = more
    ? readTheRest({
        recordingId: recording.id,
        frames: editor.frames,
        onFault: (error) =>
          editor.notify(
            `Only a part of the frames is here; the others follow once the server answers: ${errorMessage(error)}`,
            'warn',
          ),
      })
    : (): void => undefined;

  const elsewhere = new Elsewhere(editor, {
    frame: readFrame,
    strip: () => queryClient.fetchQuery({ ...framesQuery(recording.id), staleTime: 0 }),
  });
  const stopSuspicions = watchSuspicions(editor, waivers);
  const stopEvents = onFrameEvent(({ id, recording_id: of, version }, topic) => {
    if (of !== recording.id) return;
    if (topic === 'box') void editor.boxes.announced(id, version);
    else elsewhere.frameChanged(id, version);
  });
  const stopTravel = onPropagation((of) => {
    if (of === recording.id) editor.travel.renewed();
  });
  const stopRanges = onRangeEvent(({ recording_id: of, act }) => {
    if (of !== recording.id || (act !== null && editor.ranges.own.has(act))) return;
    void editor.ranges.readProposals();
    if (act !== null) void rangeChanged(editor);
  });
  const stopPostures = onPostureEvent(({ recording_id: of, version }) => {
    if (of === recording.id) editor.postures.announced(version);
  });
  const stopLooks = watchLooks(editor);
  const stopParts = watchParts(editor, position === 0);
  const sendWaiting = (): void => {
    queue.retry();
    comments.retry();
    postureQueue.retry();
    void personal.meet();
    ranges.retry();
    waivers.retry();
    words.retry();
  };
  const stopPage = watchPage({
    hidden: () => {
      queue.flush();
      address.flush();
    },
    online: () => {
      sendWaiting();
      if (editor.postures.state.fault !== null) void editor.postures.load();
      if (editor.state.loadError !== null) editor.go(editor.state.index);
    },
    loggedIn: sendWaiting,
  });
  const onLeave = (event: BeforeUnloadEvent): void => {
    const unsaved =
      queue.pending().length > 0 ||
      editor.state.letters.length +
        editor.ranges.state.waiting.length +
        editor.postures.state.waiting.length +
        editor.suspicions.waiting.length >
        0;
    if (queue.fault !== null && unsaved) event.preventDefault();
  };
  window.addEventListener('beforeunload', onLeave);

  return {
    editor,
    close: () => {
      stopEvents();
      stopTravel();
      stopLooks();
      stopParts();
      stopPage();
      stopPostures();
      elsewhere.stop();
      stopRanges();
      stopSuspicions();
      stopReading();
      stopRestored();
      window.removeEventListener('beforeunload', onLeave);
      address.stop();
      editor.close();
      personal.close();
      cache.close();
      const ended = [queue, comments, postureQueue, ranges, waivers].map((one) => one.close());
      // What still waits then is sent from whatever page comes next.
      void sendAfter(Promise.allSettled(ended), me.id);
      void queryClient.invalidateQueries({ queryKey: keys.recordings });
      void queryClient.invalidateQueries({ queryKey: keys.work });
    },
  };
}

/** A link named a joint: it is selected when its frame lies on the canvas. */
function selectOnceHere(editor: Editor, joint: number): void {
  const { api } = editor.store;
  if (!api.getState().loading) {
    editor.select(joint);
    return;
  }
  const stop = api.subscribe(({ loading }) => {
    if (loading) return;
    stop();
    editor.select(joint);
  });
}

/** Somebody else decided on many frames: the strip is read again, but for what waits here. */
async function rangeChanged(editor: Editor): Promise<void> {
  const query = { ...framesQuery(editor.state.recording.id), staleTime: 0 };
  const items = await queryClient.fetchQuery(query).catch(() => []);
  const waiting = new Set(editor.ranges.state.waiting.flatMap(({ frames }) => frames));
  const known = new Map(editor.state.frames.map((item) => [item.id, item.version]));
  const changed = items.filter(
    ({ id, version }) =>
      known.get(id) !== version && !waiting.has(id) && editor.queue.pendingOf(id) === 0,
  );
  editor.frames.patchItems(new Map(changed.map((item) => [item.id, item])));
  editor.reread(new Set(changed.map(({ id }) => id)));
}

const readProposals = async (recordingId: number) => {
  const { proposals } = await answer(
    http.GET('/api/v1/recordings/{recording_id}/discard-proposals', {
      params: { path: { recording_id: recordingId } },
    }),
  );
  return proposals;
};

/** Where the cameras stand; who never chose a layout sees all cameras once they are calibrated. */
async function readCalibration(editor: Editor, choose: boolean): Promise<void> {
  const { id } = editor.state.recording;
  try {
    const query = { ...momentsQuery(id), staleTime: 0 };
    const { calibration } = await queryClient.fetchQuery(query);
    editor.views.setCalibration(calibration);
    const placed =
      calibration?.cameras.filter((c) => c.T_camera_world !== null || c.moves?.length) ?? [];
    if (choose && placed.length > 1) editor.views.setLayout('beside');
  } catch (error) {
    editor.notify(`The cameras could not be read: ${errorMessage(error)}`, 'warn');
  }
}
