-- The dense numbers. Ties go to what was first played in training, then to the order of the files, then to the id: nothing
-- that depends on threads, and nothing that tells which songs are held out.

CREATE TABLE stage.song_numbers AS
SELECT s.key, CAST(row_number() OVER (ORDER BY t.plays DESC NULLS LAST, t.first, s.row NULLS LAST, s.id) - 1 AS INTEGER) AS number,
    coalesce(t.plays, 0) AS plays, s.length_ms, s.released
FROM stage.songs AS s
LEFT JOIN (
    SELECT song, count(*) AS plays, min(seq) AS first FROM stage.split_plays WHERE split = 'train' GROUP BY song
) AS t ON t.song = s.key
WHERE s.cut IS NULL;

CREATE TABLE stage.listener_numbers AS
SELECT l.key, CAST(row_number() OVER (ORDER BY t.plays DESC NULLS LAST, t.first, l.row NULLS LAST, l.id) - 1 AS INTEGER) AS number,
    coalesce(t.plays, 0) AS plays
FROM stage.listeners AS l
LEFT JOIN (SELECT listener, count(*) AS plays, min(seq) AS first FROM stage.split_plays GROUP BY listener) AS t
    ON t.listener = l.key
WHERE l.cut IS NULL;
