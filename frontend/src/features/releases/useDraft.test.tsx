import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Release } from '@/shared/api/types';
import { useDebounced, useDraft } from './useDraft';

const release = (change: Partial<Release> = {}) =>
  ({
    id: 1,
    version: '1.0.0',
    audience: 'internal',
    licence: '',
    contact: '',
    citation: '',
    notes: '',
    settings: { splitting: { seed: 1, targets: [{ name: 'all', share: 1 }] } },
    ...change,
  }) as Release;

const wrapper = ({ children }: { children: ReactNode }) => (
  <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
);

describe('what is edited of a release', () => {
  it('is dirty until it is typed back or discarded', () => {
    const { result } = renderHook(() => useDraft(release()), { wrapper });
    expect(result.current.dirty).toBe(false);
    act(() => result.current.set({ licence: 'CC BY 4.0' }));
    expect(result.current.dirty).toBe(true);
    act(() => result.current.set({ licence: '' }));
    expect(result.current.dirty).toBe(false);
    act(() => result.current.set({ contact: 'lab' }));
    act(() => result.current.discard());
    expect(result.current.form.contact).toBe('');
  });

  it('keeps what is typed when somebody else saves another field', () => {
    const { result, rerender } = renderHook(({ of }) => useDraft(of), {
      initialProps: { of: release() },
      wrapper,
    });
    act(() => result.current.set({ licence: 'CC BY 4.0' }));
    rerender({ of: release({ contact: 'lab' }) });
    expect(result.current.form).toMatchObject({ licence: 'CC BY 4.0', contact: 'lab' });
    rerender({ of: release({ contact: 'lab', licence: 'CC BY 4.0' }) });
    expect(result.current.dirty).toBe(false);
  });
});

describe('a value that is typed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('counts once it stands still', () => {
    const { result, rerender } = renderHook(({ value }) => useDebounced(value, 300), {
      initialProps: { value: '1' },
    });
    rerender({ value: '12' });
    act(() => void vi.advanceTimersByTime(200));
    rerender({ value: '123' });
    act(() => void vi.advanceTimersByTime(299));
    expect(result.current).toBe('1');
    act(() => void vi.advanceTimersByTime(1));
    expect(result.current).toBe('123');
  });
});
