/** The server's part of acts on ranges: versions, one act per id, and taking back. */

import { NetworkProblem } from '@/shared/api/problem';
import type { RangeDone } from '@/shared/api/types';
import type { RangeLetter } from '../sync/ranges';

type State = RangeDone['states'][number];
type Reason = RangeDone['reasons'][number];
interface Frame {
  version: number;
  state: State;
  reason: Reason;
  fps: number | null;
}

const FRESH: Frame = { version: 1, state: 'undecided', reason: null, fps: null };

export class RangeServer {
  readonly letters: RangeLetter[] = [];
  readonly frames = new Map<number, Frame>();
  mode: 'up' | 'down' = 'up';
  private readonly answers = new Map<string, RangeDone>();
  private readonly before = new Map<string, Map<number, Frame>>();

  async send(letter: RangeLetter): Promise<RangeDone | null> {
    if (this.mode === 'down') throw new NetworkProblem(null);
    this.letters.push(letter);
    if (letter.act.kind === 'proposal') return null;
    const done = this.answers.get(letter.operationId) ?? this.perform(letter);
    this.answers.set(letter.operationId, done);
    return done;
  }

  at(id: number): Frame {
    return this.frames.get(id) ?? FRESH;
  }

  private perform({ act, operationId, frames, versions }: RangeLetter): RangeDone {
    const before = new Map<number, Frame>();
    const skipped: RangeDone['skipped'] = [];
    frames.forEach((id, i) => {
      const now = this.at(id);
      const read = act.kind === 'undo' ? now.version : (versions[i] ?? now.version);
      if (read !== now.version) {
        const words = 'changed by somebody meanwhile';
        const { version, state } = now;
        skipped.push({ frame_id: id, why: 'changed', words, version, state, by: 'Ben' });
        return;
      }
      before.set(id, now);
      this.frames.set(id, { ...this.after(now, id, act), version: now.version + 1 });
    });
    this.before.set(operationId, before);
    const ids = [...before.keys()];
    return {
      operation_id: operationId,
      kind: act.kind === 'undo' ? 'undo' : act.kind === 'accept' ? 'playback' : 'verdict',
      frames: ids,
      versions: ids.map((id) => this.at(id).version),
      states: ids.map((id) => this.at(id).state),
      reasons: ids.map((id) => this.at(id).reason),
      playback_fps: ids.map((id) => this.at(id).fps),
      skipped,
    };
  }

  private after(now: Frame, id: number, act: RangeLetter['act']): Frame {
    if (act.kind === 'undo') return this.before.get(act.of)?.get(id) ?? now;
    if (act.kind === 'accept') return { ...now, state: 'accepted', reason: null, fps: act.fps };
    if (act.kind !== 'verdict') return now;
    const states = { keep: 'accepted', discard: 'discarded', undecided: 'undecided' } as const;
    return { ...now, state: states[act.verdict], reason: act.reason, fps: null };
  }
}
