import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { N_JOINTS } from '@/shared/domain/rules.gen';
import { apply } from '../document/apply';
import { type Document, InvalidOperation, type Operation, type Pair } from '../document/types';
import { EMPTY_DOCUMENT } from '../testing/documents';
import { bail, EMPTY_HISTORY, type History, mark, record, redo, squash, undo } from './history';

const CANDIDATES = new Map([
  [7, Array.from({ length: N_JOINTS }, (_, i) => ({ x: i, y: i, v: 2 as const }))],
]);

/** A person who edits: performs operations, undoes and redoes, as the editor does. */
class Person {
  document: Document = EMPTY_DOCUMENT;
  history: History = EMPTY_HISTORY;

  do(...operations: Operation[]): this {
    for (const operation of operations) {
      this.history = record(this.history, [this.perform(operation)], operation.type);
    }
    return this;
  }
  mark(): this {
    this.history = mark(this.history, 'gesture');
    return this;
  }
  squash(): Operation[] {
    const result = squash(this.history);
    this.history = result.history;
    return result.operations;
  }
  bail(): this {
    const result = bail(this.history);
    result.operations.forEach((operation) => {
      this.perform(operation);
    });
    this.history = result.history;
    return this;
  }
  undo(): this {
    const result = undo(this.history);
    result?.operations.forEach((operation) => {
      this.perform(operation);
    });
    this.history = result?.history ?? this.history;
    return this;
  }
  redo(): this {
    const result = redo(this.history);
    result?.operations.forEach((operation) => {
      this.perform(operation);
    });
    this.history = result?.history ?? this.history;
    return this;
  }
  private perform(operation: Operation): Pair {
    const { document, inverse } = apply(this.document, operation, CANDIDATES);
    this.document = document;
    return { operation, inverse };
  }
}

const choose: Operation = { type: 'chooseCandidate', candidateId: 7 };
const move = (joint: number, x: number): Operation => ({ type: 'moveJoint', joint, x, y: 0 });

describe('undo and redo', () => {
  it('takes steps back one by one and does them again', () => {
    const person = new Person().do(choose, move(3, 50));
    const after = person.document;
    person.undo();
    expect(person.document.skeleton?.[3]).toEqual({ x: 3, y: 3, v: 2 });
    person.undo();
    expect(person.document).toEqual(EMPTY_DOCUMENT);
    person.redo().redo();
    expect(person.document).toEqual(after);
  });

  it('makes one step of a drag, and one operation to save', () => {
    const person = new Person().do(choose).mark().do(move(3, 50), move(3, 60), move(3, 70));
    expect(person.squash()).toEqual([move(3, 70)]);
    person.undo();
    expect(person.document.skeleton?.[3]).toEqual({ x: 3, y: 3, v: 2 });
  });

  it('makes one move per joint of a whole skeleton’s drag, and undoes it at once', () => {
    const person = new Person().do(choose);
    const before = person.document;
    person.mark();
    for (const x of [50, 60, 70]) person.do(move(3, x), move(4, x + 1));
    expect(person.squash()).toEqual([move(3, 70), move(4, 71)]);
    person.undo();
    expect(person.document).toEqual(before);
  });

  it('leaves no trace of a gesture that was given up', () => {
    const person = new Person().do(choose);
    const before = person.document;
    person.mark().do(move(3, 50), move(3, 60)).bail();
    expect(person.document).toEqual(before);
    expect(person.history.done).toHaveLength(1);
  });

  it('forgets what was undone once something new is done', () => {
    const person = new Person().do(choose, move(3, 50)).undo().do(move(4, 9)).redo();
    expect(person.document.skeleton?.[3]).toEqual({ x: 3, y: 3, v: 2 });
  });

  it('does nothing in the middle of a gesture', () => {
    const person = new Person().do(choose).mark().do(move(3, 50)).undo();
    expect(person.document.skeleton?.[3]?.x).toBe(50);
  });

  it('leads back to the beginning and to the end from anywhere', () => {
    const operations: fc.Arbitrary<Operation> = fc.oneof(
      fc.constant(choose),
      fc.record({
        type: fc.constant('placeJoint' as const),
        joint: fc.nat(16),
        x: fc.nat(99),
        y: fc.nat(99),
        visibility: fc.constantFrom(0 as const, 1 as const, 2 as const),
      }),
      fc.record({
        type: fc.constant('moveJoint' as const),
        joint: fc.nat(16),
        x: fc.nat(99),
        y: fc.nat(99),
      }),
      fc.constant<Operation>({ type: 'swapSides' }),
      fc.constant<Operation>({ type: 'setVerdict', verdict: 'keep' }),
      fc.constant<Operation>({ type: 'setVerdict', verdict: 'discard', reason: 'lighting' }),
    );
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 20 }), (list) => {
        const person = new Person();
        for (const operation of list) {
          try {
            person.do(operation);
          } catch (error) {
            if (!(error instanceof InvalidOperation)) throw error;
          }
        }
        const end = person.document;
        const steps = person.history.done.length;
        for (let i = 0; i < steps; i++) person.undo();
        expect(person.document).toEqual(EMPTY_DOCUMENT);
        for (let i = 0; i < steps; i++) person.redo();
        expect(person.document).toEqual(end);
      }),
    );
  });
});
