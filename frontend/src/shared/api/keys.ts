/** Names of everything that is cached; events and mutations invalidate by these. */
export const keys = {
  me: ['me'] as const,
  users: ['users'] as const,
  demoLogins: ['demo-logins'] as const,
  tokens: ['tokens'] as const,
  work: ['work'] as const,
  system: ['system'] as const,
  recordings: ['recordings'] as const,
  recordingList: (filter: object) => ['recordings', 'list', filter] as const,
  recording: (id: number) => ['recordings', id] as const,
  recordingActivity: (id: number) => ['recordings', id, 'activity'] as const,
  recordingComments: (id: number) => ['recordings', id, 'comments'] as const,
  /** The list of a recording's frames (FrameItem[]). */
  frames: (recordingId: number) => ['recordings', recordingId, 'frames'] as const,
  moments: (recordingId: number) => ['recordings', recordingId, 'moments'] as const,
  viewErrors: (recordingId: number, px: number) =>
    ['recordings', recordingId, 'view-errors', px] as const,
  /** One frame's document. */
  frame: (id: number) => ['frames', id] as const,
  frameHistory: (id: number) => ['frames', id, 'history'] as const,
  boxes: (recordingId: number) => ['recordings', recordingId, 'boxes'] as const,
  calibrations: (recordingId: number) => ['recordings', recordingId, 'calibrations'] as const,
  calibrationDrift: (recordingId: number) => ['recordings', recordingId, 'drift'] as const,
  syncs: (recordingId: number) => ['recordings', recordingId, 'synchronisations'] as const,
  syncPlan: (recordingId: number) => ['recordings', recordingId, 'sync-plan'] as const,
  syncStrips: (recordingId: number) => ['recordings', recordingId, 'sync-strips'] as const,
  jobs: ['jobs'] as const,
  jobList: (filter: object) => ['jobs', 'list', filter] as const,
  job: (id: number) => ['jobs', id] as const,
  jobLog: (id: number) => ['jobs', id, 'log'] as const,
  exports: ['exports'] as const,
  weights: ['weights'] as const,
};
