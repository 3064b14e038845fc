/** On which points the cameras of a moment agree, joint by joint. */
import type { SessionCalibration } from '@/shared/api/types';
import { N_JOINTS } from '@/shared/domain/rules.gen';
import { type Camera, CameraModel, scaledTo } from '@/shared/geometry/cameras';
import type { ImagePoint } from '@/shared/geometry/points';
import {
  agreeByTrust,
  epipolarCurve,
  TRUST,
  type Trust,
  type TrustedAgreement,
} from '@/shared/geometry/views';
import { isPresent, jointAt, sameJoint } from '../document/skeleton';
import type { Document, Joint } from '../document/types';
import type { LoadedFrame } from '../frames/FrameCache';
import type { EditorState } from '../store/state';
import { activeCamera, activePane, isSettled } from './panes';

/** What one camera contributes: its geometry, and its joints where its frame counts. */
interface View {
  readonly camera: number;
  readonly model: CameraModel;
  readonly document: Document | null;
  readonly frame: LoadedFrame | null;
}

export interface Consensus {
  /** Cameras that are calibrated and placed, in the recording's order. */
  readonly views: readonly View[];
  /** Seventeen, in the order of `views`; empty without two calibrated cameras. */
  readonly joints: readonly TrustedAgreement[];
  /** Pixels from which on a view disagrees. */
  readonly limit: number;
}

type CalibratedCamera = SessionCalibration['cameras'][number];

const NOTHING: Consensus = { views: [], joints: [], limit: Number.POSITIVE_INFINITY };

/** Makes agreements again only for joints that changed. */
export class ConsensusMaker {
  private last: { state: EditorState; consensus: Consensus } | null = null;
  private rig: {
    calibration: SessionCalibration;
    sizes: string;
    /** Which cameras stood where at this moment: another one than before means new models. */
    stand: string;
    models: Map<number, CameraModel>;
  } | null = null;
  private joints: { key: string; found: TrustedAgreement }[] = [];

  of(state: EditorState): Consensus {
    if (this.last?.state === state) return this.last.consensus;
    const consensus = this.make(state);
    this.last = { state, consensus };
    return consensus;
  }

  private make(state: EditorState): Consensus {
    const models = this.modelsOf(state);
    if (models.size < 2) return NOTHING;
    const views = viewsOf(state, models);
    const before = this.last?.consensus;
    const unchanged =
      before !== undefined &&
      before.views.length === views.length &&
      this.threshold === state.views.thresholdPx &&
      views.every((view, i) => isSame(view, before.views[i]));
    if (before !== undefined && unchanged) return before;
    this.threshold = state.views.thresholdPx;
    const rig = views.map((view) => view.model);
    const joints = Array.from({ length: N_JOINTS }, (_, joint) => {
      const marks = views.map(({ document }) => markOf(document, joint));
      const trust = views.map((view) => trustOf(view, joint));
      const key = JSON.stringify([
        state.calibration?.id,
        this.rig?.stand,
        this.threshold,
        marks,
        trust,
      ]);
      const known = this.joints[joint];
      if (known?.key === key) return known.found;
      const found = agreeByTrust(rig, marks, trust, this.threshold);
      this.joints[joint] = { key, found };
      return found;
    });
    return { views, joints, limit: this.threshold };
  }

  private threshold = Number.NaN;

  private modelsOf({
    calibration,
    recording,
    frames,
    index,
  }: EditorState): Map<number, CameraModel> {
    if (calibration === null) return new Map();
    const cameras = recording.cameras_list ?? [];
    const sizes = cameras.map(({ id, width, height }) => `${id}:${width}×${height}`).join();
    const moment = frames[index]?.moment_index ?? 0;
    const standing = calibration.cameras.map((camera) => standingAt(camera, moment));
    const stand = standing.map(({ from }) => from).join();
    const { rig } = this;
    if (rig?.calibration !== calibration || rig.sizes !== sizes || rig.stand !== stand) {
      const models = new Map<number, CameraModel>();
      for (const { id, width, height } of cameras) {
        const json = standing.find(({ camera }) => camera.camera_id === id)?.camera;
        if (!json?.T_camera_world) continue;
        const fitting = scaledTo(json as Camera, width ?? json.width, height ?? json.height);
        if (fitting !== null) models.set(id, new CameraModel(fitting));
      }
      this.rig = { calibration, sizes, stand, models };
      return models;
    }
    return rig.models;
  }
}

/** A camera as it stands at a moment: one that was knocked has one place after the other. */
function standingAt(camera: CalibratedCamera, moment: number) {
  const place = camera.moves?.findLast(
    ({ from_s, from_moment }) => from_s === null || (from_moment !== null && from_moment <= moment),
  );
  if (place === undefined) return { from: 0, camera };
  const { T_camera_world } = place;
  return { from: place.from_moment ?? 0, camera: { ...camera, T_camera_world } };
}

function viewsOf(state: EditorState, models: ReadonlyMap<number, CameraModel>): View[] {
  const here = activeCamera(state);
  return [...models].map(([camera, model]) => {
    const pane = camera === here ? activePane(state) : state.panes.get(camera);
    const shown = pane !== undefined && isSettled(state, pane) ? pane : null;
    const discarded = shown?.document?.decision.verdict === 'discard';
    return {
      camera,
      model,
      document: discarded ? null : (shown?.document ?? null),
      frame: shown?.frame ?? null,
    };
  });
}

const isSame = (a: View, b: View | undefined): boolean =>
  a.camera === b?.camera &&
  a.model === b.model &&
  a.document === b.document &&
  a.frame?.candidates === b.frame?.candidates;

/** A joint's place, where it has one. */
function markOf(document: Document | null, joint: number): Joint | null {
  const mark = jointAt(document?.skeleton ?? null, joint);
  return isPresent(mark) ? mark : null;
}

/** What a joint of a view is worth: a person's before the machine's, visible before occluded. */
function trustOf({ document, frame }: View, joint: number): Trust {
  const mark = markOf(document, joint);
  if (mark === null || document === null) return TRUST.none;
  if (mark.v === 1) return TRUST.occluded;
  return isByPerson(document, frame, joint) ? TRUST.confirmed : TRUST.visible;
}

/** Whether a person placed the joint, changed it, or kept its frame. */
export function isByPerson(document: Document, frame: LoadedFrame | null, joint: number): boolean {
  if (document.decision.verdict === 'keep' || document.candidateId === null) return true;
  const machine = frame?.candidates.get(document.candidateId);
  return (
    machine === undefined || !sameJoint(jointAt(machine, joint), jointAt(document.skeleton, joint))
  );
}

/** A joint's place in a camera by what the views agree on; null where they do not, or outside. */
export function placeIn(consensus: Consensus, camera: number, joint: number): ImagePoint | null {
  const found = consensus.joints[joint];
  const view = consensus.views.find((v) => v.camera === camera);
  if (!found?.agreed || found.point === null || view === undefined) return null;
  return view.model.project(found.point);
}

/** Epipolar curves of a joint's marks in the other views, drawn in one camera. */
export function curvesIn(
  consensus: Consensus,
  camera: number,
  joint: number,
): { camera: number; curve: ImagePoint[] }[] {
  const here = consensus.views.find((view) => view.camera === camera);
  if (here === undefined) return [];
  return consensus.views.flatMap((view) => {
    const mark = markOf(view.document, joint);
    if (view === here || mark === null) return [];
    return [{ camera: view.camera, curve: epipolarCurve(view.model, here.model, mark) }];
  });
}
