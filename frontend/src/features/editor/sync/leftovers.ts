/** Sends what earlier visits left on this computer while no editor is open. */
import { toast } from '@/shared/ui';
import { wordsOf } from '../inspect/letters';
import { SINGLES_DATABASE, SinglesTransport } from '../singles/transport';
import { sendWaiver, WaiverQueue, waiversKept } from '../suspicion/waivers';
import type { Batch, Memory, Transport } from './batch';
import { CommentQueue, commentsKept, sendComment } from './comments';
import { IndexedDbMemory, OTHER_TABS, thisTab } from './memory';
import { PostureQueue, posturesKept, sendPostures } from './postures';
import { SyncQueue } from './queue';
import { type Arrived, RangeQueue, rangesKept, sendRange } from './ranges';
import { namedUnsaved } from './saveShown';
import { HttpTransport } from './transport';

/** What is at work, so that an editor that opens can take over. */
let sender: Sender | null = null;
let turn: Promise<void> = Promise.resolve();

/** Send what a person left behind, also in an editor of this page; does nothing where nothing waits. */
export function send(userId: number): Promise<void> {
  turn = turn.then(async () => {
    await sender?.stop();
    const next = new Sender(userId);
    sender = next;
    await next.start().catch(() => undefined);
  });
  return turn;
}

/** How often somebody took up what still waits. */
let taken = 0;

/** Send what is left once an editor ended, unless the next one took it up meanwhile. */
export async function sendAfter(ended: Promise<unknown>, userId: number): Promise<void> {
  const before = taken;
  await ended.catch(() => undefined);
  if (taken === before) await send(userId);
}

/** An editor opens, or a page that sends by itself, and takes up what still waits. */
export function standAside(): Promise<void> {
  taken += 1;
  turn = turn.then(async () => {
    await sender?.stop();
    sender = null;
  });
  return turn;
}

/** Where changes to documents lie on this computer, how they are sent, and where they are looked at. */
interface Shelf {
  readonly memory: Memory;
  readonly transport: Transport;
  readonly page: (batch: Batch) => string;
}

const FRAMES: Shelf = {
  memory: new IndexedDbMemory(),
  transport: new HttpTransport(),
  page: ({ recordingId }) => `/recordings/${recordingId}/frames/1`,
};

/** Frames that a person answers alone are no frames of a recording to them. */
const SINGLES: Shelf = {
  memory: new IndexedDbMemory(SINGLES_DATABASE),
  transport: new SinglesTransport(),
  page: () => '/single-frames',
};

class Sender {
  private readonly queues = new Map<Shelf, SyncQueue>();
  private readonly comments: CommentQueue;
  private readonly letters: readonly Sendable[];
  private readonly waiting = new Map<Sendable, number>();
  private readonly found = new Map<Sendable, number>();
  private changes = 0;
  private told = false;
  private readonly onOnline = (): void => {
    for (const queue of this.queues.values()) queue.retry();
    wordsOf(this.userId).retry();
    for (const letters of this.letters) letters.retry();
  };

  constructor(private readonly userId: number) {
    this.comments = new CommentQueue({ send: sendComment, memory: commentsKept(), userId });
    // A range, and a word on a joint, build on the changes to single frames.
    const arrived: Arrived = async (frames) =>
      (await this.queues.get(FRAMES)?.arrived(frames)) ?? true;
    this.letters = [
      this.comments,
      new RangeQueue({ send: sendRange(arrived), memory: rangesKept(), userId }),
      new PostureQueue({ send: sendPostures, memory: posturesKept(), userId }),
      new WaiverQueue({ send: sendWaiver(arrived), memory: waiversKept(), userId }),
    ];
    for (const letters of this.letters) {
      letters.onWaiting = (waiting) => {
        this.found.set(letters, Math.max(this.found.get(letters) ?? 0, waiting.length));
        this.waiting.set(letters, waiting.filter(({ refused }) => refused === null).length);
        this.look();
      };
    }
  }

  async start(): Promise<void> {
    await this.restore(FRAMES);
    // What is kept of one kind must not keep the others from being sent.
    await this.restore(SINGLES).catch(() => undefined);
    for (const letters of this.letters) await letters.restore();
    await wordsOf(this.userId).restore();
    window.addEventListener('online', this.onOnline);
    this.look();
  }

  /** Resolves once another queue may take up what is left. */
  async stop(): Promise<void> {
    window.removeEventListener('online', this.onOnline);
    const queues = [...this.queues.values()];
    for (const queue of queues) void queue.close();
    for (const letters of this.letters) void letters.close();
    await Promise.all(queues.map((queue) => queue.settled()));
  }

  private async restore(shelf: Shelf): Promise<void> {
    const { memory, transport } = shelf;
    const { userId } = this;
    const mine = (await memory.all()).some((batch) => batch.userId === userId);
    if (!mine) return;
    const queue = new SyncQueue({ transport, memory, userId, tab: thisTab(), others: OTHER_TABS });
    this.queues.set(shelf, queue);
    queue.subscribe({
      onStatus: () => this.look(),
      onAdopted: ({ length }) => {
        this.changes += length;
        this.told = false;
      },
    });
    await queue.restore();
  }

  private look(): void {
    const all = sum(this.found.values());
    if (this.told || this.changes + all === 0) return;
    const states = [...this.queues].map(([shelf, queue]) => ({
      shelf,
      queue,
      status: queue.status(),
    }));
    const stuck = states.find(({ status: { kind } }) => kind === 'conflict' || kind === 'refused');
    if (stuck !== undefined) {
      const { shelf, queue, status } = stuck;
      const first = queue.pending()[0];
      this.told = true;
      toast.error('Changes from your last visit are not saved', undefined, {
        detail:
          status.kind === 'refused'
            ? `The server refused them: ${status.message}`
            : 'Somebody else changed the same frame. Open it, and choose.',
        ...(first !== undefined && {
          action: {
            label: shelf === SINGLES ? 'Open the frames' : 'Open the recording',
            perform: () => window.location.assign(shelf.page(first)),
          },
        }),
      });
    } else if (
      states.every(({ status }) => status.kind === 'saved') &&
      sum(this.waiting.values()) === 0
    ) {
      this.told = true;
      const comments = this.found.get(this.comments) ?? 0;
      const named = namedUnsaved(this.changes + all - comments, comments);
      toast.ok(`${named} from your last visit saved`);
    }
  }
}

/** What the sender needs of a queue of letters, whatever they are about. */
interface Sendable {
  onWaiting(waiting: readonly { readonly refused: string | null }[]): void;
  restore(): Promise<number>;
  retry(): void;
  close(): Promise<void>;
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);
