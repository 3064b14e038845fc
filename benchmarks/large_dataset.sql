-- Joints at different places, no two frames alike; masks of a few hundred bytes, as SAM 2 makes them.
INSERT INTO users (email, name, password_hash, roles)
SELECT 'person' || i || '@example.org', 'Person ' || i, 'x', ARRAY['annotator', 'inspector']
FROM generate_series(1, 20) i;

INSERT INTO infants (pseudonym, sex)
SELECT 'INF-' || i, CASE i % 2 WHEN 0 THEN 'female' ELSE 'male' END
FROM generate_series(1, :infants) i;

INSERT INTO recordings (name, source, infant_id, age_months, consent, stage, annotator_id,
    inspector_id)
SELECT 'visit ' || i, CASE WHEN i % 3 = 0 THEN 'youtube' ELSE 'home_visit' END, (SELECT id
FROM infants
ORDER BY id OFFSET i % :infants LIMIT 1), 6 + i % 12, 'research_and_release', 'approved', (SELECT id
FROM users
ORDER BY id OFFSET i % 10 LIMIT 1), (SELECT id
FROM users
ORDER BY id OFFSET 10 + i % 10 LIMIT 1)
FROM generate_series(1, :recordings) i;

INSERT INTO cameras (recording_id, index, name)
SELECT r.id, c, 'camera ' || c + 1
FROM recordings r, generate_series(0, 3) c
WHERE r.source = 'home_visit' OR c = 0;

INSERT INTO moments (recording_id, index, time_s)
SELECT r.id, i, i / 3.0
FROM recordings r, generate_series(0, CASE r.source WHEN 'youtube' THEN :long ELSE :short END - 1) i;

INSERT INTO frames (recording_id, camera_id, moment_id, position, time_s, source_frame, width,
    height, sha256, image_key, thumbnail_key, sharpness, mean_luma, clipped_dark, clipped_bright,
    dhash)
SELECT m.recording_id, c.id, m.id, c.index * 100000 + m.index, m.time_s, m.index * 10, 1280, 720,
    md5(m.id || '.' || c.id) || md5(c.id || '.' || m.id), 'recordings/' || m.recording_id ||
    '/frames/' || m.id || '-' || c.id || '.jpg', 't', 100 + random(), 120, 0, 0, ('x' || md5(m.id ||
    '/' || c.id))::bit(64)::bigint
FROM moments m
JOIN cameras c ON c.recording_id = m.recording_id;

INSERT INTO candidates (frame_id, rank, score, keypoints, skeleton, box, model)
SELECT f.id, 0, 0.9, ARRAY(SELECT unnest(ARRAY[100 + 30 * (j % 4) + f.id % 7, 60 + 40 * (j / 4),
    2]::float8[])
FROM generate_series(0, 16) j), ARRAY(SELECT unnest(ARRAY[100 + 30 * (j % 4) + f.id % 7, 60 + 40 *
    (j / 4), 2]::float8[])
FROM generate_series(0, 16) j), ARRAY[90, 50, 200, 250]::float8[], 'rtmo-l'
FROM frames f;

INSERT INTO annotations (frame_id, recording_id, version, verdict, reason, state, candidate_id,
    keypoints, updated_by_id)
SELECT f.id, f.recording_id, 3, CASE WHEN kept THEN 'keep' ELSE 'discard' END, CASE WHEN kept THEN
    NULL ELSE 'motion_blur' END, CASE WHEN kept THEN 'corrected' ELSE 'discarded' END, c.id,
    c.skeleton, r.annotator_id
FROM (SELECT *, (id * 7919) % :frames < :kept AS kept
FROM frames) f
JOIN candidates c ON c.frame_id = f.id
JOIN recordings r ON r.id = f.recording_id;

INSERT INTO annotation_revisions (frame_id, version, round, author_id, operation_id, operations,
    verdict, reason, state, candidate_id, keypoints)
SELECT a.frame_id, v, 1, a.updated_by_id, gen_random_uuid(), '[{"type": "moveJoint"}]', a.verdict,
    a.reason, a.state, a.candidate_id, CASE WHEN v = 3 THEN a.keypoints ELSE a.keypoints[1:48] ||
    ARRAY[v, v, 2]::float8[] END
FROM annotations a, generate_series(1, 3) v;

INSERT INTO frame_boxes (frame_id, recording_id, x, y, width, height, mask_counts, mask_area,
    mask_score, consistency, origin, model, made_from)
SELECT frame_id, recording_id, 90, 50, 150, 230, repeat('Zb2a0n0O1O1N2O0O2N1O1N2', 14) || frame_id,
    21000, 0.9, 0.95, 'model', 'sam2', keypoints
FROM annotations
WHERE verdict = 'keep';

INSERT INTO box_revisions (frame_id, version, round, model, state)
SELECT frame_id, 1, 1, 'sam2', to_jsonb(b)
FROM frame_boxes b;

INSERT INTO fit_runs (recording_id, body_name, body_sha256, config_version, config, betas, scale)
SELECT id, 'open', repeat('0', 64), '1', '{}', ARRAY[0, 0]::float8[], 1
FROM recordings
WHERE source = 'home_visit';

INSERT INTO fits (recording_id, moment_id, run_id, pose, translation, joints, body_joints,
    gate_passed, converged, status)
SELECT m.recording_id, m.id, r.id, array_fill(0.1::float8, ARRAY[72]), ARRAY[0, 0, 1]::float8[],
    array_fill(0.2::float8, ARRAY[51]), array_fill(0.2::float8, ARRAY[72]), true, true, 'verified'
FROM moments m
JOIN fit_runs r ON r.recording_id = m.recording_id
ORDER BY m.id LIMIT :fits;

INSERT INTO fit_views (fit_id, frame_id, made_from, errors)
SELECT t.id, f.id, a.keypoints, array_fill(1.0::float8, ARRAY[17])
FROM fits t
JOIN frames f ON f.moment_id = t.moment_id
JOIN annotations a ON a.frame_id = f.id AND a.verdict = 'keep';

INSERT INTO fit_revisions (fit_id, version, run_id, state)
SELECT f.id, f.version, f.run_id, to_jsonb(f)
FROM fits f;
