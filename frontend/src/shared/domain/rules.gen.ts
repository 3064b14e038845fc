// Generated from backend/domain by `python -m backend.domain.codegen`. Do not edit.

/** Joint names in COCO order. */
export const JOINTS = ["nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"] as const;
export type JointName = (typeof JOINTS)[number];

/** Joints in a skeleton. */
export const N_JOINTS: number = 17;

/** Joint names for people, in COCO order. */
export const JOINT_LABELS: readonly string[] = ["nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder", "left elbow", "right elbow", "left wrist", "right wrist", "left hip", "right hip", "left knee", "right knee", "left ankle", "right ankle"];

/** The infant's own side, not the image's. */
export const SIDES = ["left", "right", "middle"] as const;
export type Side = (typeof SIDES)[number];

/** Side of each joint. */
export const JOINT_SIDES: readonly Side[] = ["middle", "left", "right", "left", "right", "left", "right", "left", "right", "left", "right", "left", "right", "left", "right", "left", "right"];

/** Bones as pairs of joint indices from 0. */
export const EDGES: readonly (readonly [number, number])[] = [[15, 13], [13, 11], [16, 14], [14, 12], [11, 12], [5, 11], [6, 12], [5, 6], [5, 7], [6, 8], [7, 9], [8, 10], [1, 2], [0, 1], [0, 2], [1, 3], [2, 4], [3, 5], [4, 6]];

/** (left, right) joint indices. */
export const PAIRS: readonly (readonly [number, number])[] = [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12], [13, 14], [15, 16]];

/** For each joint its counterpart. */
export const MIRROR: readonly number[] = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15];

/** Nose, eyes and ears. */
export const FACE: readonly number[] = [0, 1, 2, 3, 4];

/** Thresholds of the label checks. */
export const CHECK = {
  /** A limb longer than this many body scales is no infant's. */
  LONG_LIMB: 1.4,
  /** A limb is not so many times as long as its counterpart. */
  UNEVEN_LIMBS: 3.5,
  /** Limbs of at least this many body scales are compared. */
  UNEVEN_FROM: 0.5,
  /** Joints nearer than this share of the body scale sit in the same place. */
  SAME_SPOT: 0.04,
  /** The same in the face. */
  SAME_SPOT_FACE: 0.01,
  /** Cosine below which two left-right directions point against each other. */
  OPPOSED: -0.6,
  /** Share of the distance below which exchanged sides lie nearer. */
  SWAPPED_SHARE: 0.4,
  /** Fewest joints by which that is told. */
  SWAPPED_JOINTS: 8,
} as const;

/** (joint, joint, factor): the longest of these distances is the body scale. */
export const SCALE_SPANS: readonly (readonly [number, number, number])[] = [[5, 11, 1.0], [6, 12, 1.0], [5, 6, 1.5], [11, 12, 2.0], [0, 5, 0.8], [0, 6, 0.8]];

/** What deserves a second look. */
export const CHECK_KINDS = ["outside", "same_spot", "long_limb", "uneven_limbs", "exchanged", "jump", "limb", "other_person", "off_mask", "views", "frozen"] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

/** Upper arms, forearms, thighs and shins by their joints, from the trunk outwards. */
export const LIMBS: readonly { name: string; left: readonly [number, number]; right: readonly [number, number] }[] = [{"name": "upper arm", "left": [5, 7], "right": [6, 8]}, {"name": "forearm", "left": [7, 9], "right": [8, 10]}, {"name": "thigh", "left": [11, 13], "right": [12, 14]}, {"name": "shin", "left": [13, 15], "right": [14, 16]}];

/** Why a joint probably needs a hand. */
export const DOUBTS = ["outside", "wrong_body", "exchanged", "frozen", "views", "jump", "limb", "other_person", "off_mask", "unsure", "same_spot"] as const;
export type Doubt = (typeof DOUBTS)[number];

/** The same in words. */
export const DOUBT_NAMES: Readonly<Record<Doubt, string>> = {"outside": "outside the image", "wrong_body": "another body than the infant's", "exchanged": "left and right exchanged", "frozen": "the same pose as in another frame", "views": "the other cameras disagree", "jump": "jumps against the frames around it", "limb": "a limb longer than this infant's", "other_person": "on another person", "off_mask": "outside the outline", "unsure": "the model was not sure", "same_spot": "left and right in the same place"};

/** Seconds below which a look is none. */
export const MIN_LOOK_S: number = 0.3;

/** Seconds below which nobody looked at a frame. */
export const HASTY_S: number = 0.7;

/** Longest time that is sent as looking. */
export const MOST_SECONDS: number = 3600.0;

/** Thresholds of the hints from what lies around; see `backend/domain/around.py`. */
export const AROUND = {
  HALF_JUMP: 1.0,
  HALF_LIMB: 0.07,
  HALF_OTHER: 0.06,
  HALF_OFF_MASK: 0.05,
  HALF_VIEWS: 1.5,
  USUAL_VIEWS: 5.0,
  AT_LEAST: 0.035,
  MAX_GAP_S: 0.6,
  USUAL_TIMES: 6.0,
  SAME_BODY: 0.08,
  ALIKE_JOINTS: 0.5,
  BETWEEN_TIMES: 1.5,
  BESIDE_TIMES: 2.5,
  MOVING: 0.5,
  NEARLY_JUMPS: 0.75,
  FROZEN_JOINTS: 8,
  SAME_PX: 0.005,
  SAME_SHARPNESS: 0.001,
  SAME_LUMA: 0.01,
} as const;

/** Bones whose share of the stature is known, the joint nearer to the trunk first. */
export const BONES: readonly { name: string; ends: readonly [number, number]; stature: number }[] = [{"name": "shoulders", "ends": [5, 6], "stature": 0.26}, {"name": "hips", "ends": [11, 12], "stature": 0.19}, {"name": "left side", "ends": [5, 11], "stature": 0.29}, {"name": "right side", "ends": [6, 12], "stature": 0.29}, {"name": "left upper arm", "ends": [5, 7], "stature": 0.19}, {"name": "right upper arm", "ends": [6, 8], "stature": 0.19}, {"name": "left forearm", "ends": [7, 9], "stature": 0.15}, {"name": "right forearm", "ends": [8, 10], "stature": 0.15}, {"name": "left thigh", "ends": [11, 13], "stature": 0.25}, {"name": "right thigh", "ends": [12, 14], "stature": 0.25}, {"name": "left shin", "ends": [13, 15], "stature": 0.25}, {"name": "right shin", "ends": [14, 16], "stature": 0.25}];

/** What the suspicion queue calls each kind of check. */
export const DOUBT_OF: Readonly<Record<CheckKind, Doubt>> = {"outside": "outside", "same_spot": "same_spot", "long_limb": "limb", "uneven_limbs": "limb", "exchanged": "exchanged", "jump": "jump", "limb": "limb", "other_person": "other_person", "off_mask": "off_mask", "views": "views", "frozen": "frozen"};

/** Doubts about all joints at once: one answer is for all. */
export const WHOLE_BODY: readonly Doubt[] = ["wrong_body", "frozen"];

/** A model's joint below this score is not sure. */
export const LOW_SCORE: number = 0.3;

/** How far a mark may lie from what other views say, in pixels. */
export const MAX_VIEW_ERROR_PX: number = 15.0;

/** RMS error of a lens calibration up to which it is good, in pixels. */
export const GOOD_LENS_RMS_PX: number = 0.5;

/** RMS error of a lens calibration from which on it is poor, in pixels. */
export const POOR_LENS_RMS_PX: number = 1.0;

/** Up to here two ratios of sides are the same. */
export const MAX_SHAPE_DIFFERENCE: number = 0.01;

/** Sides of the smallest box that a person can draw, in pixels. */
export const MIN_BOX_PX: number = 2;

/** Operations in one write to a frame. */
export const MAX_OPERATIONS: number = 200;

/** Characters of a person's or a recording's name. */
export const MAX_NAME_LENGTH: number = 120;

/** Characters of an infant's or a camera's name. */
export const MAX_PSEUDONYM_LENGTH: number = 80;

/** Characters of a note or a comment. */
export const MAX_NOTE_LENGTH: number = 4000;

/** Characters of a reason in somebody's own words. */
export const MAX_REASON_LENGTH: number = 2000;

/** Bones and the correlation of the errors at their ends. */
export const DRAG_TREE: readonly (readonly [number, number, number])[] = [[0, 1, 0.9], [0, 2, 0.9], [1, 3, 0.8], [2, 4, 0.8], [0, 5, 0.4], [5, 6, 0.5], [5, 11, 0.4], [11, 12, 0.6], [5, 7, 0.5], [7, 9, 0.7], [6, 8, 0.5], [8, 10, 0.7], [11, 13, 0.5], [13, 15, 0.7], [12, 14, 0.5], [14, 16, 0.7]];

/** Surer than so many pixels is no joint. */
export const LEAST_SIGMA: number = 0.5;

/** Sigmas of a joint within which 80 in 100 joints lie. */
export const RADIUS_80: number = 1.74;

/** Frames a second at which frames are played. */
export const PLAYBACK_SPEEDS: readonly number[] = [2, 5, 10];

/** From seeing something wrong to the key being up, in seconds. */
export const REACTION_S: number = 0.3;

/** OKS below which a person and the model are said to disagree. */
export const LOW_AGREEMENT: number = 0.85;

/** OKS constants per joint. */
export const SIGMAS: readonly number[] = [0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089, 0.089];

/** COCO's visibility flag: not present, placed but not seen, seen. */
export const VISIBILITY = { ABSENT: 0, OCCLUDED: 1, VISIBLE: 2 } as const;
export type Visibility = (typeof VISIBILITY)[keyof typeof VISIBILITY];

/** Decision on one frame. */
export const VERDICTS = ["undecided", "keep", "discard"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why a frame is left out. */
export const DISCARD_REASONS = ["motion_blur", "camera_shake", "strong_occlusion", "no_infant", "infant_too_old", "lighting", "several_infants", "duplicate", "other"] as const;
export type DiscardReason = (typeof DISCARD_REASONS)[number];

/** One word per frame. */
export const FRAME_STATES = ["undecided", "accepted", "corrected", "discarded"] as const;
export type FrameState = (typeof FRAME_STATES)[number];

/** Why a picture deserves a second look. */
export const QUALITY_FLAGS = ["blurred", "dark", "bright", "duplicate"] as const;
export type QualityFlag = (typeof QUALITY_FLAGS)[number];

/** Flags for which joints may be hard to see. */
export const DOUBTFUL_FLAGS: readonly QualityFlag[] = ["blurred", "dark", "bright"];

/** The four groups of postures. */
export const POSTURE_GROUPS = ["prone", "supine", "sitting", "standing"] as const;
export type PostureGroup = (typeof POSTURE_GROUPS)[number];

/** The twelve postures (AIMS), by group. */
export const POSTURES = ["prone_lying", "forearm_support", "reciprocal_crawling", "four_point_kneeling", "supine_lying", "hands_to_knees_or_feet", "rolling", "sitting_with_support", "sitting_with_arm_support", "sitting_without_support", "four_point_standing", "standing"] as const;
export type Posture = (typeof POSTURES)[number];

/** Postures by group, in the order of their keys. */
export const POSTURES_OF: Readonly<Record<PostureGroup, readonly Posture[]>> = {"prone": ["prone_lying", "forearm_support", "reciprocal_crawling", "four_point_kneeling"], "supine": ["supine_lying", "hands_to_knees_or_feet", "rolling"], "sitting": ["sitting_with_support", "sitting_with_arm_support", "sitting_without_support"], "standing": ["four_point_standing", "standing"]};

/** How far to trust a measured clock, surest first. */
export const TRUSTS = ["sure", "likely", "doubtful", "guess"] as const;
export type Trust = (typeof TRUSTS)[number];

/** Least confidence for each word. */
export const TRUST_FROM: Readonly<Record<Trust, number>> = {"sure": 0.99, "likely": 0.7, "doubtful": 0.3, "guess": 0};

/** What a person may do. */
export const ROLES = ["annotator", "inspector", "maintainer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** The stage of a recording. */
export const STAGES = ["ingesting", "ingested", "prelabelling", "prelabelled", "annotating", "inspecting", "returned", "keypoints_approved", "boxing", "boxed", "inspecting_boxes", "boxes_returned", "approved"] as const;
export type Stage = (typeof STAGES)[number];

/** What moves a recording from stage to stage. */
export const EVENTS = ["ingest_finished", "prelabel", "prelabel_finished", "prelabel_failed", "prelabels_imported", "start_annotating", "submit", "return", "approve_keypoints", "box", "box_finished", "box_failed", "start_box_review", "return_boxes", "submit_boxes", "approve", "reopen"] as const;
export type Event = (typeof EVENTS)[number];

/** In what capacity somebody fires an event. */
export const ACTORS = ["worker", "assigned_annotator", "independent_inspector", "maintainer"] as const;
export type Actor = (typeof ACTORS)[number];

/** stage → event → next stage. What is not here cannot happen. */
export const TRANSITIONS: Readonly<Record<Stage, Readonly<Partial<Record<Event, Stage>>>>> = {"ingesting": {"ingest_finished": "ingested"}, "ingested": {"prelabel": "prelabelling", "prelabels_imported": "prelabelled", "start_annotating": "annotating"}, "prelabelling": {"prelabel_finished": "prelabelled", "prelabel_failed": "ingested"}, "prelabelled": {"prelabel": "prelabelling", "start_annotating": "annotating"}, "annotating": {"submit": "inspecting"}, "inspecting": {"return": "returned", "approve_keypoints": "keypoints_approved"}, "returned": {"submit": "inspecting"}, "keypoints_approved": {"box": "boxing", "reopen": "returned"}, "boxing": {"box_finished": "boxed", "box_failed": "keypoints_approved"}, "boxed": {"start_box_review": "inspecting_boxes", "reopen": "returned"}, "inspecting_boxes": {"return_boxes": "boxes_returned", "approve": "approved", "reopen": "returned"}, "boxes_returned": {"submit_boxes": "boxing"}, "approved": {"reopen": "returned"}};

/** Who may fire each event. */
export const FIRED_BY: Readonly<Record<Event, readonly Actor[]>> = {"ingest_finished": ["worker"], "prelabel": ["maintainer", "worker"], "prelabel_finished": ["worker"], "prelabel_failed": ["worker"], "prelabels_imported": ["worker"], "start_annotating": ["assigned_annotator", "maintainer"], "submit": ["assigned_annotator"], "return": ["independent_inspector"], "approve_keypoints": ["independent_inspector"], "box": ["independent_inspector", "maintainer", "worker"], "box_finished": ["worker"], "box_failed": ["worker"], "start_box_review": ["independent_inspector"], "return_boxes": ["independent_inspector"], "submit_boxes": ["assigned_annotator"], "approve": ["independent_inspector"], "reopen": ["maintainer"]};

/** Stages in which the annotator may change joints and verdicts. */
export const EDITABLE_STAGES: readonly Stage[] = ["annotating", "returned", "boxes_returned"];

/** Stages in which the inspector marks frames and comments on joints. */
export const KEYPOINT_REVIEW_STAGES: readonly Stage[] = ["inspecting"];

/** Stages in which the inspector marks and edits boxes. */
export const BOX_REVIEW_STAGES: readonly Stage[] = ["inspecting_boxes"];
