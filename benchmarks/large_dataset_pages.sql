-- Work that waits, in a database that large_dataset.sql filled: whose it is, what was sent back,
-- a recording of four cameras with 10,360 frames, one of 100,000, and a checked release.
UPDATE recordings
SET stage = CASE id % 6 WHEN 0 THEN 'annotating' WHEN 1 THEN 'returned' WHEN 2 THEN 'inspecting'
    ELSE 'inspecting_boxes' END, round = 2, annotator_id = CASE WHEN id % 6 < 2 THEN :person ELSE
    annotator_id END
WHERE id % :every < 4;

INSERT INTO frame_marks (recording_id, frame_id, kind, round, mark, inspector_id)
SELECT f.recording_id, f.id, 'keypoints', 1, 'revise', r.inspector_id
FROM frames f
JOIN recordings r ON r.id = f.recording_id AND r.round = 2
WHERE f.id % 10 = 0;

INSERT INTO comments (recording_id, frame_id, round, body, author_id)
SELECT f.recording_id, f.id, 1, 'look again', r.inspector_id
FROM frames f
JOIN recordings r ON r.id = f.recording_id AND r.round = 2
WHERE f.id % 50 = 0;

INSERT INTO recordings (name, source, infant_id, age_months, consent, stage, round, annotator_id,
    inspector_id)
SELECT 'long ' || i, 'home_visit', (SELECT min(id)
FROM infants), 9, 'research_and_release', 'annotating', 1, :person, (SELECT max(id)
FROM users WHERE id <> :person)
FROM generate_series(1, 2) i;

INSERT INTO cameras (recording_id, index, name)
SELECT r.id, c, 'camera ' || c + 1
FROM recordings r, generate_series(0, 3) c
WHERE r.name LIKE 'long %';

INSERT INTO moments (recording_id, index, time_s)
SELECT r.id, i, i / 3.0
FROM recordings r, generate_series(0, CASE r.name WHEN 'long 1' THEN 2589 ELSE 24999 END) i
WHERE r.name LIKE 'long %';

INSERT INTO frames (recording_id, camera_id, moment_id, position, time_s, source_frame, width,
    height, sha256, image_key, thumbnail_key, sharpness, mean_luma, clipped_dark, clipped_bright,
    dhash)
SELECT m.recording_id, c.id, m.id, c.index * CASE r.name WHEN 'long 1' THEN 2590 ELSE 25000 END +
    m.index, m.time_s, m.index * 10, 1280, 720, md5(m.id || '.' || c.id) || md5(c.id || '.' || m.id
    ), 'i', 't', 100 + 50 * random(), 120 + 10 * random(), 0, 0, ('x' || md5(m.id || '/' || c.id
    ))::bit(64)::bigint
FROM moments m
JOIN cameras c ON c.recording_id = m.recording_id
JOIN recordings r ON r.id = m.recording_id
WHERE r.name LIKE 'long %';

INSERT INTO annotations (frame_id, recording_id, version, verdict, reason, state, keypoints,
    updated_by_id)
SELECT f.id, f.recording_id, 1, v.verdict, CASE v.verdict WHEN 'discard' THEN 'motion_blur' END,
    CASE v.verdict WHEN 'keep' THEN 'corrected' WHEN 'discard' THEN 'discarded' ELSE 'undecided'
    END, ARRAY(SELECT unnest(ARRAY[100 + 30 * (j % 4) + f.id % 7, 60 + 40 * (j / 4),
    2]::float8[])
FROM generate_series(0, 16) j), :person
FROM frames f
JOIN recordings r ON r.id = f.recording_id, LATERAL (SELECT CASE WHEN random() < 0.2 THEN 'discard'
    WHEN random() < 0.7 THEN 'keep' ELSE 'undecided' END AS verdict
OFFSET 0 * f.id) v
WHERE r.name LIKE 'long %';

INSERT INTO annotation_revisions (frame_id, version, round, author_id, operation_id, operations,
    verdict, reason, state, candidate_id, keypoints)
SELECT a.frame_id, 1, 1, a.updated_by_id, gen_random_uuid(), '[{"type": "moveJoint"}]', a.verdict,
    a.reason, a.state, a.candidate_id, a.keypoints
FROM annotations a
JOIN recordings r ON r.id = a.recording_id
WHERE r.name LIKE 'long %' AND a.verdict <> 'undecided';

INSERT INTO frame_boxes (frame_id, recording_id, x, y, width, height, mask_counts, mask_area,
    mask_score, consistency, flagged, origin, model, made_from)
SELECT a.frame_id, a.recording_id, 90, 50, 150, 230, 'x', 21000, 0.9, 0.8 + 0.2 * random(),
    a.frame_id % 12 = 0, 'model', 'sam2', a.keypoints
FROM annotations a
JOIN recordings r ON r.id = a.recording_id
WHERE r.name LIKE 'long %' AND a.verdict = 'keep';

INSERT INTO fit_runs (recording_id, body_name, body_sha256, config_version, config, betas, scale)
SELECT id, 'open', repeat('0', 64), '1', '{}', ARRAY[0, 0]::float8[], 1
FROM recordings
WHERE name = 'long 1';

INSERT INTO fits (recording_id, moment_id, run_id, pose, translation, joints, body_joints,
    gate_passed, converged, status)
SELECT m.recording_id, m.id, r.id, array_fill(0.1::float8, ARRAY[72]), ARRAY[0, 0, 1]::float8[],
    array_fill(0.2::float8, ARRAY[51]), array_fill(0.2::float8, ARRAY[72]), true, true, 'verified'
FROM moments m
JOIN recordings n ON n.id = m.recording_id AND n.name = 'long 1'
JOIN fit_runs r ON r.recording_id = m.recording_id;

INSERT INTO fit_views (fit_id, frame_id, made_from, errors)
SELECT t.id, f.id, a.keypoints, array_fill(1.0::float8, ARRAY[17])
FROM fits t
JOIN recordings n ON n.id = t.recording_id AND n.name = 'long 1'
JOIN frames f ON f.moment_id = t.moment_id
JOIN annotations a ON a.frame_id = f.id AND a.verdict = 'keep';
