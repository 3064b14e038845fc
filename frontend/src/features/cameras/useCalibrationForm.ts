import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import { forgetFiles, useUploads } from '@/features/uploads/store';
import { isActive, jobQuery } from '@/shared/api/queries/jobs';
import type { Job } from '@/shared/api/types';
import { toast } from '@/shared/ui';
import { type CalibrationRequest, useCalibrate } from './queries';

/** The job that a form on the page follows itself. */
export const useFollowed = create<{ job: number | null }>(() => ({ job: null }));

interface FormOptions {
  recordingId: number;
  /** Keys of all files that the request needs. */
  files: readonly string[];
  /** The request once all files are there; `idOf` gives the finished upload of a file. */
  request: (idOf: (file: string) => number) => CalibrationRequest | null;
  /** The new version is there. */
  onDone: () => void;
}

export interface CalibrationForm {
  sent: number;
  size: number;
  unfinished: number;
  failed: boolean;
  /** Asked for, while files are on their way. */
  waiting: boolean;
  busy: boolean;
  job: Job | undefined;
  error: unknown;
  start: () => void;
  hold: () => void;
}

/** Sends what a form asks for when its files have arrived, and follows the job. */
export function useCalibrationForm({
  recordingId,
  files,
  request,
  onDone,
}: FormOptions): CalibrationForm {
  const items = useUploads((s) => s.items);
  const here = files.flatMap((key) => items[key] ?? []);
  const unfinished = here.filter((f) => f.state !== 'done').length;
  const failed = here.some((f) => f.state === 'failed');
  const [armed, setArmed] = useState(false);
  const [jobId, setJobId] = useState<number | null>(null);
  const calibrate = useCalibrate(recordingId);
  const { data: job } = useQuery({ ...jobQuery(jobId ?? 0), enabled: jobId !== null });

  useEffect(() => {
    useFollowed.setState({ job: jobId });
    return () => useFollowed.setState({ job: null });
  }, [jobId]);

  const send = () => {
    const known = useUploads.getState().items;
    const body = request((key) => known[key]?.uploadId ?? 0);
    if (body) calibrate.mutate(body, { onSuccess: (started) => setJobId(started.id) });
  };

  const ready = armed && unfinished === 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins once, when the files are there
  useEffect(() => {
    if (!ready) return;
    setArmed(false);
    send();
  }, [ready]);

  const done = job?.state === 'succeeded';
  // biome-ignore lint/correctness/useExhaustiveDependencies: ends once, when the job has
  useEffect(() => {
    if (!done) return;
    setJobId(null);
    // Files of a job that failed are kept: often only the board's size was wrong.
    forgetFiles(files);
    toast.ok('The cameras have a new version');
    onDone();
  }, [done]);

  return {
    sent: here.reduce((sum, f) => sum + f.sent, 0),
    size: here.reduce((sum, f) => sum + f.file.size, 0),
    unfinished,
    failed,
    waiting: armed && unfinished > 0 && !failed,
    busy: calibrate.isPending || isActive(job),
    job,
    error: calibrate.error,
    start: () => {
      calibrate.reset();
      setJobId(null);
      setArmed(true);
    },
    hold: () => setArmed(false),
  };
}
