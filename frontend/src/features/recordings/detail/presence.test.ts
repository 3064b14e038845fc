import { describe, expect, it } from 'vitest';
import { ApiProblem } from '@/shared/api/problem';
import { presenceOf } from './presence';

const gone = new ApiProblem(404, { title: 'Not found', detail: 'There is no recording 15.' });
const broken = new ApiProblem(500, { title: 'Broken' });
const ingest = { id: 7, kind: 'ingest' } as const;

describe('a recording page', () => {
  it('knows a failed import by its frames, before the recording is asked for again', () => {
    const errors = [null, gone];
    expect(presenceOf({ errors, job: 5, lastJob: ingest })).toEqual({ is: 'not-imported', job: 5 });
    expect(presenceOf({ errors, job: undefined, lastJob: ingest })).toEqual({
      is: 'not-imported',
      job: 7,
    });
  });

  it('does not speak of an import where none ran', () => {
    const lastJob = { id: 7, kind: 'prelabel' } as const;
    expect(presenceOf({ errors: [gone], job: undefined, lastJob })).toEqual({ is: 'unknown' });
    expect(presenceOf({ errors: [gone], job: undefined, lastJob: null })).toEqual({
      is: 'unknown',
    });
  });

  it('stays when the server only broke', () => {
    expect(presenceOf({ errors: [null, broken], job: 5, lastJob: ingest })).toEqual({
      is: 'there',
    });
  });
});
