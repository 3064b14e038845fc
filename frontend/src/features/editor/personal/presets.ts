/** Sets of keys to begin with. What a set does not name has the action's own keys. */
import type { KeySettings } from './settings';

export type Preset = KeySettings['preset'];

export const PRESET_LABELS: Readonly<Record<Preset, string>> = {
  infantnet: 'InfantNet',
  cvat: 'CVAT',
};

/**
 * CVAT's keys for what this editor does too: F/D next and previous frame, V/C a step of frames,
 * Q occluded, O outside, K key frame (here: accept), L lock, H hide, N draw, Ctrl+Z and
 * Ctrl+Shift+Z, Ctrl+S, Alt+Del delete the frame (here: discard).
 */
const CVAT: Readonly<Record<string, readonly string[]>> = {
  forward: ['V', 'PageDown'],
  back: ['C', 'PageUp'],
  accept: ['K', 'Space'],
  'mark.good': ['K', 'Space'],
  'box.approve': ['K', 'Space'],
  'compare.good': ['K', 'Space', 'G'],
  'view.lock': ['L'],
  'view.labels': ['Alt+L'],
  'view.overlay': ['H'],
  'tool.hand': ['Shift+H'],
  'tool.select': ['Shift+V'],
  'camera.next': ['Shift+C'],
  'camera.previous': ['Alt+C'],
  'view.ghost': ['Alt+K'],
  discard: ['Alt+Delete', 'X'],
};

export const PRESETS: Readonly<Record<Preset, Readonly<Record<string, readonly string[]>>>> = {
  infantnet: {},
  cvat: CVAT,
};
