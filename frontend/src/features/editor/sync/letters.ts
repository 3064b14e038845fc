/**
 * Whole acts on their way (a comment, a range of frames): each is first kept on this computer under
 * an id of its own, then sent, then forgotten. A retry changes nothing on the server, so that
 * several tabs may send the same one. Changes of a single frame's document travel by `queue.ts`.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { Patience } from './Patience';
import { whyNotSaved } from './transport';

/** An act that the server may not have yet. */
export interface Letter {
  readonly operationId: string;
  readonly userId: number;
  readonly recordingId: number;
  readonly createdAt: number;
}

/** What the writer of a letter says; the queue adds the rest. */
export type Content<L extends Letter> = Omit<L, 'operationId' | 'userId' | 'createdAt'>;

type Held = 'unreachable' | 'signed-out';

export type Waiting<L extends Letter> = L & {
  /** Why the server does not take it, or null while it is only waiting. */
  readonly refused: string | null;
  /** What kept the last attempt from the server, or null before one failed. */
  readonly held: Held | null;
};

const untried = <L extends Letter>(letter: L): Waiting<L> => ({
  ...letter,
  refused: null,
  held: null,
});

export interface LetterMemory<L extends Letter> {
  all(): Promise<L[]>;
  put(letter: L): Promise<void>;
  remove(operationId: string): Promise<void>;
}

/** A memory for letters that are never written, or need not be kept. */
export const NO_LETTERS = {
  all: async () => [],
  put: async () => undefined,
  remove: async () => undefined,
} satisfies LetterMemory<Letter>;

export interface LetterQueueOptions<L extends Letter, Made> {
  /** Gives what was made; throws what stood in the way. */
  readonly send: (letter: L) => Promise<Made>;
  readonly memory: LetterMemory<L>;
  readonly userId: number;
  /** What to say when something of a recording still waits. */
  readonly stillWaiting: string;
}

const PAUSES = { firstMs: 1000, mostMs: 20_000 };

export class LetterQueue<L extends Letter, Made> {
  /** What the editor does with an act that arrived, and with what still waits. */
  onSent: (made: Made, letter: L) => void = () => undefined;
  onWaiting: (waiting: readonly Waiting<L>[]) => void = () => undefined;
  private waiting: readonly Waiting<L>[] = [];
  /** Ends when everything that was said so far is in the memory, where there is one. */
  private keeping: Promise<void> = Promise.resolve();
  private sending: Promise<void> = Promise.resolve();
  private readonly patience = new Patience(() => void this.flush(), PAUSES);
  private closed = false;
  private latest = 0;
  /** What was found in the memory: another tab may have it, too. */
  private readonly found = new Set<string>();

  constructor(private readonly options: LetterQueueOptions<L, Made>) {}

  /** Take up what an earlier visit left behind, and send it. */
  async restore(): Promise<number> {
    const kept = await this.options.memory.all();
    const known = new Set(this.waiting.map(({ operationId }) => operationId));
    const left = kept
      .filter(
        ({ userId, operationId }) => userId === this.options.userId && !known.has(operationId),
      )
      .sort((a, b) => a.createdAt - b.createdAt);
    this.latest = Math.max(this.latest, ...left.map(({ createdAt }) => createdAt));
    for (const { operationId } of left) this.found.add(operationId);
    this.set([...left.map(untried), ...this.waiting]);
    void this.flush();
    return left.length;
  }

  /** Resolves once the server was asked, whatever it said. */
  async add(content: Content<L>, operationId: string = crypto.randomUUID()): Promise<void> {
    const { userId, memory } = this.options;
    // Two of the same millisecond would come back in any order: each is later than the one before.
    const createdAt = Math.max(Date.now(), this.latest + 1);
    this.latest = createdAt;
    const letter = { ...content, operationId, userId, createdAt } as L;
    this.set([...this.waiting, untried(letter)]);
    // Without a memory it is only in this tab; what waits stays on the screen.
    const kept = memory.put(letter).catch(() => undefined);
    this.keeping = this.keeping.then(() => kept);
    await this.flush();
  }

  /** Send everything that waits, one after the other, so that their order stays. */
  flush(): Promise<void> {
    this.patience.clear();
    this.sending = this.sending.then(() => this.sendAll());
    return this.sending;
  }

  /** Try again, also what was refused. */
  retry(): void {
    this.patience.begin();
    this.set(this.waiting.map(untried));
    void this.flush();
  }

  /** Give up an act; only ever by a person's word. */
  abandon(operationId: string): void {
    void this.forget(operationId);
  }

  /** Resolves when the server has everything of a recording; what stands in the way is thrown. */
  async drained(recordingId: number): Promise<void> {
    await this.flush();
    if (this.waiting.some((letter) => letter.recordingId === recordingId)) {
      throw new Error(this.options.stillWaiting);
    }
  }

  /** Resolves when what was on its way has arrived, or did not. */
  close(): Promise<void> {
    this.closed = true;
    this.patience.stop();
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    for (const letter of this.waiting) {
      if (letter.refused !== null || this.closed) continue;
      if (await this.sentElsewhere(letter.operationId)) {
        await this.forget(letter.operationId);
        continue;
      }
      try {
        await this.keeping;
        const made = await this.options.send(letter);
        this.patience.begin();
        await this.forget(letter.operationId);
        this.onSent(made, letter);
      } catch (error) {
        const why = whyNotSaved(error);
        if (why.kind !== 'refused') {
          this.hold(why.kind);
          this.patience.longer();
          return;
        }
        this.refuse(letter.operationId, why.message);
      }
    }
  }

  /** Said once more, it would come after what was said there since. */
  private async sentElsewhere(operationId: string): Promise<boolean> {
    if (!this.found.has(operationId)) return false;
    const kept = await this.options.memory.all().catch(() => null);
    return kept !== null && !kept.some((letter) => letter.operationId === operationId);
  }

  private async forget(operationId: string): Promise<void> {
    this.set(this.waiting.filter((letter) => letter.operationId !== operationId));
    await this.options.memory.remove(operationId).catch(() => undefined);
  }

  private refuse(operationId: string, refused: string): void {
    this.set(
      this.waiting.map((letter) =>
        letter.operationId === operationId ? { ...letter, refused } : letter,
      ),
    );
  }

  private hold(held: Held): void {
    this.set(this.waiting.map((letter) => ({ ...letter, held })));
  }

  private set(waiting: readonly Waiting<L>[]): void {
    this.waiting = waiting;
    this.onWaiting(waiting);
  }
}

interface Schema<L> extends DBSchema {
  letters: { key: string; value: Letter & L };
}

/** A database of its own for each kind, so that a tab of an older version does not hold it up. */
export class IndexedDbLetters<L extends Letter> implements LetterMemory<L> {
  private database: Promise<IDBPDatabase<Schema<L>>> | null = null;

  /** `store` is the name of the object store: kept as it was where a version in use wrote one. */
  constructor(
    private readonly name: string,
    private readonly store: string = 'letters',
  ) {}

  async all(): Promise<L[]> {
    return (await this.open()).getAll(this.store as 'letters');
  }

  async put(letter: L): Promise<void> {
    const transaction = (await this.open()).transaction(this.store as 'letters', 'readwrite');
    const written = [transaction.store.put(letter, letter.operationId), transaction.done];
    // Said at once, it holds even if the page goes away before the browser answers.
    transaction.commit();
    await Promise.all(written);
  }

  async remove(operationId: string): Promise<void> {
    await (await this.open()).delete(this.store as 'letters', operationId);
  }

  private open(): Promise<IDBPDatabase<Schema<L>>> {
    this.database ??= openDB<Schema<L>>(this.name, 1, {
      upgrade: (database) => {
        database.createObjectStore(this.store as 'letters');
      },
      terminated: () => {
        this.database = null;
      },
    });
    this.database.catch(() => {
      this.database = null;
    });
    return this.database;
  }
}
