/**
 * Comments on their way: each is first kept on this computer under an id of its own, then sent, then
 * forgotten. A retry changes nothing on the server, so that several tabs may send the same one.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { answer, http } from '@/shared/api/client';
import type { Comment } from '@/shared/api/types';
import { ofFrame } from '../frames/requests';
import { whyNotSaved } from './transport';

/** A comment that the server may not have yet. */
export interface Letter {
  readonly operationId: string;
  readonly userId: number;
  readonly recordingId: number;
  readonly frameId: number;
  readonly joint: number | null;
  readonly body: string;
  readonly createdAt: number;
}

export interface WaitingLetter extends Letter {
  /** Why the server does not take it, or null while it is only waiting. */
  readonly refused: string | null;
  /** What kept the last attempt from the server, or null before one failed. */
  readonly held: 'unreachable' | 'signed-out' | null;
}

/** Gives the comment that was made; throws what stood in the way. */
export type SendLetter = (letter: Letter) => Promise<Comment>;

const untried = (letter: Letter): WaitingLetter => ({ ...letter, refused: null, held: null });

export interface LetterMemory {
  all(): Promise<Letter[]>;
  put(letter: Letter): Promise<void>;
  remove(operationId: string): Promise<void>;
}

export interface CommentQueueOptions {
  readonly send: SendLetter;
  readonly memory: LetterMemory;
  readonly userId: number;
}

const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 20_000;

export class CommentQueue {
  /** What the editor does with a comment that arrived, and with what still waits. */
  onSent: (comment: Comment) => void = () => undefined;
  onWaiting: (waiting: readonly WaitingLetter[]) => void = () => undefined;
  private waiting: readonly WaitingLetter[] = [];
  private sending: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private failures = 0;
  private closed = false;
  private latest = 0;

  constructor(private readonly options: CommentQueueOptions) {}

  /** Take up what an earlier visit left behind, and send it. */
  async restore(): Promise<number> {
    const known = new Set(this.waiting.map(({ operationId }) => operationId));
    const left = (await this.options.memory.all())
      .filter(
        ({ userId, operationId }) => userId === this.options.userId && !known.has(operationId),
      )
      .sort((a, b) => a.createdAt - b.createdAt);
    this.latest = Math.max(this.latest, ...left.map(({ createdAt }) => createdAt));
    this.set([...left.map(untried), ...this.waiting]);
    void this.flush();
    return left.length;
  }

  /** Resolves once the server was asked, whatever it said. */
  async add(recordingId: number, frameId: number, body: string, joint: number | null) {
    const { userId, memory } = this.options;
    const operationId = crypto.randomUUID();
    // Two of the same millisecond would come back in any order: each is later than the one before.
    const createdAt = Math.max(Date.now(), this.latest + 1);
    this.latest = createdAt;
    const letter: Letter = { operationId, userId, recordingId, frameId, joint, body, createdAt };
    this.set([...this.waiting, untried(letter)]);
    // Without a memory it is only in this tab; what waits stays on the screen.
    await memory.put(letter).catch(() => undefined);
    await this.flush();
  }

  /** Send everything that waits, one after the other, so that their order stays. */
  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.sending = this.sending.then(() => this.sendAll());
    return this.sending;
  }

  /** Try again, also what was refused. */
  retry(): void {
    this.failures = 0;
    this.set(this.waiting.map(untried));
    void this.flush();
  }

  /** Give up a comment; only ever by a person's word. */
  abandon(operationId: string): void {
    void this.forget(operationId);
  }

  /** Resolves when the server has every comment of a recording; what stands in the way is thrown. */
  async drained(recordingId: number): Promise<void> {
    await this.flush();
    if (this.waiting.some((letter) => letter.recordingId === recordingId)) {
      throw new Error('A comment is still waiting on this computer; you find it beside its frame.');
    }
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private async sendAll(): Promise<void> {
    for (const letter of this.waiting) {
      if (letter.refused !== null || this.closed) continue;
      try {
        const comment = await this.options.send(letter);
        this.failures = 0;
        await this.forget(letter.operationId);
        this.onSent(comment);
      } catch (error) {
        const why = whyNotSaved(error);
        if (why.kind !== 'refused') {
          this.hold(why.kind);
          this.pause();
          return;
        }
        this.refuse(letter.operationId, why.message);
      }
    }
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

  private hold(held: NonNullable<WaitingLetter['held']>): void {
    this.set(this.waiting.map((letter) => ({ ...letter, held })));
  }

  private pause(): void {
    if (this.closed) return;
    const pause = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures++);
    this.timer = setTimeout(() => void this.flush(), pause * (0.75 + Math.random() / 2));
  }

  private set(waiting: readonly WaitingLetter[]): void {
    this.waiting = waiting;
    this.onWaiting(waiting);
  }
}

/** The door to the server. */
export const sendLetter: SendLetter = ({ frameId, body, joint, operationId }) =>
  answer(
    http.POST('/api/v1/frames/{frame_id}/comments', {
      params: ofFrame(frameId),
      body: { body, joint, operation_id: operationId },
    }),
  );

interface Schema extends DBSchema {
  comments: { key: string; value: Letter };
}

/** A database of its own, so that a tab of an older version does not hold it up. */
export class IndexedDbLetters implements LetterMemory {
  private database: Promise<IDBPDatabase<Schema>> | null = null;

  constructor(private readonly name = 'infantnet-comments') {}

  async all(): Promise<Letter[]> {
    return (await this.open()).getAll('comments');
  }

  async put(letter: Letter): Promise<void> {
    await (await this.open()).put('comments', letter, letter.operationId);
  }

  async remove(operationId: string): Promise<void> {
    await (await this.open()).delete('comments', operationId);
  }

  private open(): Promise<IDBPDatabase<Schema>> {
    this.database ??= openDB<Schema>(this.name, 1, {
      upgrade: (database) => {
        database.createObjectStore('comments');
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
