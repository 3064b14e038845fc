/** Sends what earlier visits left on this computer while no editor is open. */
import { toast } from '@/shared/ui';
import { CommentQueue, commentsKept, sendComment } from './comments';
import { IndexedDbMemory, isTabGone, type OpenTab, openTab } from './memory';
import { PostureQueue, posturesKept, sendPostures } from './postures';
import { SyncQueue } from './queue';
import { namedUnsaved } from './saveShown';
import { HttpTransport } from './transport';

/** What is at work, so that an editor that opens can take over. */
let sender: Sender | null = null;
let turn: Promise<void> = Promise.resolve();

/** Send what a person left behind; does nothing where nothing waits. */
export function send(userId: number): Promise<void> {
  turn = turn.then(async () => {
    await sender?.stop();
    const next = new Sender(userId);
    sender = next;
    await next.start().catch(() => undefined);
  });
  return turn;
}

/** An editor opens and takes up what still waits. */
export function standAside(): Promise<void> {
  turn = turn.then(async () => {
    await sender?.stop();
    sender = null;
  });
  return turn;
}

class Sender {
  private tab: OpenTab | null = null;
  private queue: SyncQueue | null = null;
  private readonly comments: CommentQueue;
  private readonly postures: PostureQueue;
  private changes = 0;
  private letters = 0;
  private waiting = 0;
  private told = false;
  private readonly onOnline = (): void => {
    this.queue?.retry();
    this.comments.retry();
    this.postures.retry();
  };

  constructor(private readonly userId: number) {
    this.comments = new CommentQueue({ send: sendComment, memory: commentsKept(), userId });
    this.postures = new PostureQueue({ send: sendPostures, memory: posturesKept(), userId });
  }

  async start(): Promise<void> {
    const memory = new IndexedDbMemory();
    const mine = (await memory.all()).filter(({ userId }) => userId === this.userId);
    if (mine.length > 0) {
      this.tab = openTab();
      this.queue = new SyncQueue({
        transport: new HttpTransport(),
        memory,
        userId: this.userId,
        tab: this.tab.name,
        isGone: isTabGone,
      });
      this.queue.subscribe({ onStatus: () => this.look() });
      this.changes = await this.queue.restore();
    }
    this.comments.onWaiting = (waiting) => {
      this.letters = Math.max(this.letters, waiting.length);
      this.waiting = waiting.filter(({ refused }) => refused === null).length;
      this.look();
    };
    await this.comments.restore();
    await this.postures.restore();
    window.addEventListener('online', this.onOnline);
    this.look();
  }

  /** Resolves once another queue may take up what is left. */
  async stop(): Promise<void> {
    window.removeEventListener('online', this.onOnline);
    this.queue?.close();
    this.comments.close();
    this.postures.close();
    await this.queue?.settled();
    await this.tab?.leave();
  }

  private look(): void {
    if (this.told || this.changes + this.letters === 0) return;
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
    } else if (status.kind === 'saved' && this.waiting === 0) {
      this.told = true;
      toast.ok(`${namedUnsaved(this.changes, this.letters)} from your last visit saved`);
    }
  }
}
