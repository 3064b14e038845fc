/** Drives the editor as a person would: pointer, keys, frames; no screen and no network. */
import { NetworkProblem } from '@/shared/api/problem';
import type {
  FrameDocument,
  FrameItem,
  Me,
  PostureProposals,
  RecordingDetail,
} from '@/shared/api/types';
import { JOINTS, N_JOINTS } from '@/shared/domain/rules.gen';
import { actionFor, KEYED } from '../actions/registry';
import { applyAll } from '../document/apply';
import { candidatesOf, type Snapshot, snapshotOf } from '../document/received';
import type { Document, Skeleton } from '../document/types';
import { FrameCache, type FrameImage } from '../frames/FrameCache';
import { Personal } from '../personal/Personal';
import { boxShown } from '../store/boxShown';
import { Editor } from '../store/Editor';
import { screenPoint, toScreen } from '../store/geometry';
import {
  type Batch,
  isAboutBox,
  type Memory,
  type SendResult,
  type Transport,
} from '../sync/batch';
import { CommentQueue } from '../sync/comments';
import { NO_LETTERS } from '../sync/letters';
import { PostureQueue } from '../sync/postures';
import { SyncQueue } from '../sync/queue';
import { RangeQueue } from '../sync/ranges';
import type { TravelSource } from '../travel/Travel';
import { RangeServer } from './rangeServer';

/** An infant and an adult, joints 20 px apart so that none is hit for another. */
export const INFANT: Skeleton = Array.from({ length: N_JOINTS }, (_, i) => ({
  x: 100 + 20 * i,
  y: 200 + 10 * (i % 3),
  v: i === 9 ? 1 : 2,
}));
export const ADULT: Skeleton = INFANT.map(({ x }) => ({ x, y: 20, v: 2 }));

export const person = (id: number, joints: Skeleton, rank: number) => ({
  id,
  rank,
  score: 0.9 - 0.1 * rank,
  joints: joints.map((j) => ({ ...j })),
  scores: joints.map(() => 0.9),
  box: [0, 0, 10, 10] as [number, number, number, number],
  model: 'rtmo-l',
  simulated: false,
});

/** Frame `id` is at position `id`; its people are `10 id + 7` (chosen) and `10 id + 8`. */
export function frameDocument(id: number, change: Partial<FrameDocument> = {}): FrameDocument {
  return {
    id,
    recording_id: 1,
    position: id,
    camera_id: 1,
    camera_name: 'camera 1',
    moment_id: id,
    time_s: id / 30,
    width: 640,
    height: 480,
    image_url: `/api/v1/frames/${id}/image`,
    thumbnail_url: `/api/v1/frames/${id}/thumbnail`,
    candidates: [person(10 * id + 7, INFANT, 0), person(10 * id + 8, ADULT, 1)],
    annotation: {
      version: 1,
      verdict: 'undecided',
      reason: null,
      reason_text: null,
      state: 'undecided',
      candidate_id: 10 * id + 7,
      joints: INFANT.map((j) => ({ ...j })),
      propagated: null,
      playback_fps: null,
      updated_by: null,
      updated_at: '2026-11-20T12:00:00Z',
    },
    apart: [],
    damage: null,
    sharpness: 100,
    mean_luma: 120,
    own_time: true,
    previous: null,
    changed_joints: [],
    checks: [],
    comments: [],
    approved_round: null,
    open_joints: null,
    mark: null,
    returned: false,
    box: null,
    ...change,
  };
}

export const frameItem = (id: number, change: Partial<FrameItem> = {}): FrameItem => ({
  id,
  position: id,
  camera_id: 1,
  moment_id: id,
  moment_index: id,
  time_s: id / 30,
  state: 'undecided',
  returned: false,
  comments: 0,
  mark: null,
  changed: false,
  in_playback: false,
  version: 1,
  flags: [],
  box: null,
  reason: null,
  ...change,
});

const ME: Me = {
  id: 1,
  name: 'Ann',
  email: 'ann@example.org',
  roles: ['annotator'],
  is_demo: false,
};

export const MAY_NOTHING = {
  edit: false,
  review: false,
  review_boxes: false,
  edit_boxes: false,
  comment: false,
  manage: false,
  claim: false,
};
const MAY_EDIT = { ...MAY_NOTHING, edit: true, comment: true };

/** What a server with versions answers to a batch that it took. */
export function answered(before: Snapshot, batch: Batch, document: Document): Snapshot {
  const aboutBox = isAboutBox(batch.operations);
  const onlyBox = batch.operations.every((o) => isAboutBox([o]) || o.type === 'setMark');
  const boxVersion = aboutBox ? (before.boxVersion ?? 0) + 1 : before.boxVersion;
  const box = boxShown(document, before.box);
  return {
    version: before.version + (onlyBox ? 0 : 1),
    boxVersion: document.box === null ? null : boxVersion,
    document,
    box: box && { ...box, version: boxVersion ?? 1 },
  };
}

/** The server's part: it applies what it is sent. */
class Server implements Transport {
  readonly batches: Batch[] = [];
  /** Why it takes nothing, in words; null while it does. */
  refuses: string | null = null;
  readonly documents = new Map<number, FrameDocument>();
  private readonly answers = new Map<number, Snapshot>();

  document(id: number): FrameDocument {
    const known = this.documents.get(id) ?? frameDocument(id);
    this.documents.set(id, known);
    return known;
  }

  async send(batch: Batch): Promise<SendResult> {
    this.batches.push(batch);
    if (this.refuses !== null) return { kind: 'refused', message: this.refuses };
    const doc = this.document(batch.frameId);
    const known = this.answers.get(batch.frameId) ?? snapshotOf(doc);
    const after = applyAll(known.document, batch.operations, candidatesOf(doc.candidates));
    const answer = answered(known, batch, after);
    this.answers.set(batch.frameId, answer);
    return { kind: 'saved', snapshot: answer };
  }

  async candidates(frameId: number) {
    return candidatesOf(this.document(frameId).candidates);
  }
}

const FORGETFUL: Memory = { all: async () => [], replace: async () => undefined };

interface Setting {
  frames?: number;
  items?: Partial<FrameItem>[];
  documents?: Partial<FrameDocument>[];
  recording?: Partial<RecordingDetail>;
  travel?: TravelSource;
}

/** Postures that nobody ever named; acts wait for ever. */
const postureServer = () => ({
  queue: new PostureQueue({
    send: async () => Promise.reject(new NetworkProblem(null)),
    memory: NO_LETTERS,
    userId: ME.id,
  }),
  read: async () => ({ version: 0, moments: 3, covered: 0, named: 0, ranges: [] }),
  readProposals: async (): Promise<PostureProposals> => ({
    proposals: [],
    from_fits: 0,
    from_images: 0,
    remarks: [],
  }),
});

export class Driver {
  readonly server = new Server();
  readonly ranges = new RangeServer();
  readonly editor: Editor;
  readonly postures = postureServer();
  positions: number[] = [];

  private constructor({ frames = 3, items = [], documents = [], recording = {}, travel }: Setting) {
    const ids = Array.from({ length: frames }, (_, i) => i);
    for (const id of ids) this.server.documents.set(id, frameDocument(id, documents[id]));
    const queue = new SyncQueue({
      transport: this.server,
      memory: FORGETFUL,
      userId: ME.id,
      tab: 'driver',
    });
    const image = { width: 640, height: 480 } as FrameImage;
    const cache = new FrameCache({
      document: async (id) => this.server.document(id),
      image: async () => image,
    });
    this.editor = new Editor({
      me: ME,
      recording: { id: 1, stage: 'annotating', can: MAY_EDIT, ...recording } as RecordingDetail,
      frames: ids.map((id) => frameItem(id, items[id])),
      index: 0,
      queue,
      cache,
      travel,
      comments: new CommentQueue({
        send: async () => Promise.reject(new Error('no network')),
        memory: NO_LETTERS,
        userId: ME.id,
      }),
      personal: new Personal(KEYED),
      ranges: new RangeQueue({
        send: (letter) => this.ranges.send(letter),
        memory: NO_LETTERS,
        userId: ME.id,
      }),
      postures: this.postures,
      onPosition: (position) => this.positions.push(position),
    });
    // A window twice as large as the image: screen and image coordinates differ on purpose.
    this.editor.set({
      viewport: { width: 1280, height: 960 },
      camera: { x: 5, y: 7, zoom: 2 },
    });
  }

  static async open(setting: Setting = {}): Promise<Driver> {
    const driver = new Driver(setting);
    await Promise.all(driver.editor.state.frames.map((item) => driver.editor.cache.load(item.id)));
    driver.editor.go(0);
    driver.editor.set({ camera: { x: 5, y: 7, zoom: 2 } });
    return driver;
  }

  get state() {
    return this.editor.state;
  }

  joint(name: (typeof JOINTS)[number]) {
    return this.state.document?.skeleton?.[JOINTS.indexOf(name)];
  }

  /** In image pixels. */
  moveTo(x: number, y: number): this {
    const screen = toScreen(this.state.camera, { x, y });
    this.editor.set({ pointer: screen });
    this.editor.tools.current.move(this.editor.tools.pointerAt(screen));
    return this;
  }

  press({ button = 0, shift = false } = {}): this {
    const at = this.state.pointer ?? screenPoint(0, 0);
    this.editor.tools.current.down({ ...this.editor.tools.pointerAt(at), button, shift });
    return this;
  }

  release(): this {
    this.editor.tools.current.up(
      this.editor.tools.pointerAt(this.state.pointer ?? screenPoint(0, 0)),
    );
    return this;
  }

  click(x: number, y: number, options = {}): this {
    return this.moveTo(x, y).press(options).release();
  }

  /** Press a key by its name in the keymap; says whether anything listened. */
  key(...names: string[]): this {
    for (const name of names) {
      const action = actionFor(name, this.editor);
      if (action === null) throw new Error(`Nothing listens to ${name} now.`);
      action.perform(this.editor);
    }
    return this;
  }
}
