/** Sends what earlier visits left on this computer while no editor is open. */
import { toast } from '@/shared/ui';
import { wordsOf } from '../inspect/letters';
import { sendWaiver, WaiverQueue, waiversKept } from '../suspicion/waivers';
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

/** An editor opens, or a page that sends by itself, and takes up what still waits. */
export function standAside(): Promise<void> {
  turn = turn.then(async () => {
    await sender?.stop();
    sender = null;
  });
  return turn;
}

class Sender {
  private queue: SyncQueue | null = null;
  private readonly comments: CommentQueue;
  private readonly letters: readonly Sendable[];
  private readonly waiting = new Map<Sendable, number>();
  private readonly found = new Map<Sendable, number>();
  private changes = 0;
  private told = false;
  private readonly onOnline = (): void => {
    this.queue?.retry();
    wordsOf(this.userId).retry();
    for (const letters of this.letters) letters.retry();
  };

  constructor(private readonly userId: number) {
    this.comments = new CommentQueue({ send: sendComment, memory: commentsKept(), userId });
    // A range, and a word on a joint, build on the changes to single frames.
    const arrived: Arrived = async (frames) => (await this.queue?.arrived(frames)) ?? true;
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
    const memory = new IndexedDbMemory();
    const mine = (await memory.all()).filter(({ userId }) => userId === this.userId);
    if (mine.length > 0) {
      this.queue = new SyncQueue({
        transport: new HttpTransport(),
        memory,
        userId: this.userId,
        tab: thisTab(),
        others: OTHER_TABS,
      });
      this.queue.subscribe({
        onStatus: () => this.look(),
        onAdopted: ({ length }) => {
          this.changes += length;
          this.told = false;
        },
      });
      await this.queue.restore();
    }
    for (const letters of this.letters) await letters.restore();
    await wordsOf(this.userId).restore();
    window.addEventListener('online', this.onOnline);
    this.look();
  }

  /** Resolves once another queue may take up what is left. */
  async stop(): Promise<void> {
    window.removeEventListener('online', this.onOnline);
    void this.queue?.close();
    for (const letters of this.letters) void letters.close();
    await this.queue?.settled();
  }

  private look(): void {
    const all = sum(this.found.values());
    if (this.told || this.changes + all === 0) return;
    const status = this.queue?.status() ?? { kind: 'saved' };
    if (status.kind === 'conflict' || status.kind === 'refused') {
      this.told = true;
      const recordingId = this.queue?.pending()[0]?.recordingId;
      toast.error('Changes from your last visit are not saved', undefined, {
        detail:
          status.kind === 'conflict'
            ? 'Somebody else changed the same frame. Open the recording, and choose.'
            : `The server refused them: ${status.message}`,
        action: {
          label: 'Open the recording',
          perform: () => window.location.assign(`/recordings/${recordingId}/frames/1`),
        },
      });
    } else if (status.kind === 'saved' && sum(this.waiting.values()) === 0) {
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
