/** An editor over frames that a person answers alone: the same document, tools and autosave. */

import { NetworkProblem } from '@/shared/api/problem';
import type { FrameItem, Me, PostureProposals, RecordingDetail } from '@/shared/api/types';
import { openDesk, warnOfForgetting, watchPage } from '../page/desk';
import { Editor } from '../store/Editor';
import { watchLooking } from '../suspicion/opening';
import { CommentQueue } from '../sync/comments';
import { sendAfter, standAside } from '../sync/leftovers';
import { NO_LETTERS } from '../sync/letters';
import { IndexedDbMemory } from '../sync/memory';
import { PostureQueue } from '../sync/postures';
import { RangeQueue } from '../sync/ranges';
import { readSingle, SINGLES_DATABASE, type SingleFrame, SinglesTransport } from './transport';

/** What stands for the recording: nothing of a real one may be known here. */
const NOWHERE = {
  id: 0,
  name: 'Single frames',
  stage: 'annotating',
  round: 1,
  cameras_list: [],
  allowed_events: [],
  blocked_reason: null,
  can: {
    edit: true,
    review: false,
    review_boxes: false,
    edit_boxes: false,
    comment: false,
    manage: false,
    claim: false,
  },
} as unknown as RecordingDetail;

const itemOf = ({ id, state, version }: SingleFrame, i: number): FrameItem => ({
  id,
  position: i,
  // No two have anything in common, so that none is taken for the frame before another.
  camera_id: id,
  moment_id: id,
  moment_index: i,
  time_s: i,
  version,
  state,
  reason: null,
  returned: false,
  changed: false,
  in_playback: false,
  comments: 0,
  mark: null,
  flags: [],
  box: null,
});

/** Letters of other kinds are never written here. */
const never = async (): Promise<never> => Promise.reject(new NetworkProblem(null));

interface Opening {
  readonly me: Me;
  readonly frames: readonly SingleFrame[];
}

export function openSingles({ me, frames }: Opening) {
  const { queue, cache, personal } = openDesk({
    userId: me.id,
    transport: new SinglesTransport(),
    memory: new IndexedDbMemory(SINGLES_DATABASE),
    read: readSingle,
  });
  const first = Math.max(
    0,
    frames.findIndex(({ state }) => state === 'undecided'),
  );
  const letters = { send: never, memory: NO_LETTERS, userId: me.id };
  const editor = new Editor({
    me,
    alone: true,
    recording: NOWHERE,
    frames: frames.map(itemOf),
    index: first,
    queue,
    cache,
    personal,
    comments: new CommentQueue(letters),
    ranges: new RangeQueue(letters),
    postures: {
      queue: new PostureQueue(letters),
      read: async () => ({ version: 0, moments: 0, covered: 0, named: 0, ranges: [] }),
      readProposals: async (): Promise<PostureProposals> => ({
        proposals: [],
        from_fits: 0,
        from_images: 0,
        remarks: [],
      }),
    },
  });
  // Changes of an earlier visit come before the frames that they belong to.
  standAside()
    .then(() => queue.restore())
    .catch(() => warnOfForgetting(editor))
    .finally(() => editor.go(first));
  const stopLooking = watchLooking(editor);
  const again = (): void => {
    queue.retry();
    void personal.meet();
    if (editor.state.loadError !== null) editor.go(editor.state.index);
  };
  const stopPage = watchPage({ hidden: () => queue.flush(), online: again, loggedIn: again });
  return {
    editor,
    close: () => {
      stopLooking();
      stopPage();
      editor.close();
      personal.close();
      cache.close();
      // What still waits then is sent from whatever page comes next.
      void sendAfter(queue.close(), me.id);
    },
  };
}
