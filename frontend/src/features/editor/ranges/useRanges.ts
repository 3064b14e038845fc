import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { PlaybackState } from '../playback/Playback';
import { useEditor } from '../store/context';
import type { RangesState } from './Ranges';

/** A part of what is known of ranges; the component renders again when that part changes. */
export const useRanges = <T>(select: (state: RangesState) => T): T =>
  useStore(useEditor().ranges.api, useShallow(select));

/** A part of playback's state. */
export const usePlayback = <T>(select: (state: PlaybackState) => T): T =>
  useStore(useEditor().playback.api, useShallow(select));
