import { useEffect, useMemo, useState } from 'react';
import type { Release } from '@/shared/api/types';
import { changesOf, type Edits, editOf, type Faults, type Form, faultsOf, formOf } from './form';
import { useSaveRelease } from './queries';

export interface Draft {
  form: Form;
  faults: Faults;
  /** Something is not saved yet. */
  dirty: boolean;
  valid: boolean;
  saving: boolean;
  saveError: unknown;
  set: (edits: Edits) => void;
  discard: () => void;
  /** Saves what changed, if anything did; rejects where the server refuses. */
  save: () => Promise<void>;
}

/** What is edited of a release, over what is saved; news of others change only what is not edited. */
export function useDraft(release: Release): Draft {
  const [edits, setEdits] = useState<Edits>({});
  const saved = useMemo(() => formOf(release), [release]);
  const changes = useMemo(() => changesOf(saved, edits), [saved, edits]);
  const form = useMemo(() => ({ ...saved, ...changes }), [saved, changes]);
  const faults = useMemo(() => faultsOf(form), [form]);
  const saving = useSaveRelease(release.id);
  const dirty = Object.keys(changes).length > 0;
  return {
    form,
    faults,
    dirty,
    valid: Object.keys(faults).length === 0,
    saving: saving.isPending,
    saveError: saving.error,
    set: (next) => setEdits((now) => ({ ...now, ...next })),
    discard: () => {
      setEdits({});
      saving.reset();
    },
    save: async () => {
      if (!dirty) return;
      const sent = changes;
      await saving.mutateAsync(editOf(form, sent));
      // What was typed while the answer was on its way stays.
      setEdits((now) =>
        Object.fromEntries(
          Object.entries(now).filter(([name, value]) => sent[name as keyof Form] !== value),
        ),
      );
    },
  };
}

/** A value that stands still for a while before it counts. */
export function useDebounced<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
