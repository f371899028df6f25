-- Which plays are held out. A play is a candidate if its song occurs once in the whole list: what is held out never stands
-- among the same listener's training plays.
--   files         the future is test; the last candidate of a past of 2 plays or more is validation
--   last          the last candidate is test (2 plays or more), the one before it validation (3 or more)
--   latest-issue  the same, by date of issue, then position; a song without a date comes before all others

CREATE TABLE stage.ordered AS
SELECT
    p.listener,
    CAST(row_number() OVER (PARTITION BY p.listener ORDER BY p.seq) - 1 AS INTEGER) AS position,
    p.song, p.context, p.repeated,
    p.future AND getvariable('rule') = 'files' AS future,
    CASE WHEN getvariable('rule') = 'latest-issue' THEN coalesce(s.released, 0) ELSE 0 END AS issued,
    p.seq
FROM stage.plays AS p
JOIN stage.songs AS s ON s.key = p.song AND s.cut IS NULL
JOIN stage.listeners AS l ON l.key = p.listener AND l.cut IS NULL;

CREATE TABLE stage.repeated_songs AS
SELECT listener, song FROM stage.ordered GROUP BY listener, song HAVING count(*) > 1;

CREATE TABLE stage.split_plays AS
SELECT
    listener, position, song, context, repeated, seq,
    CAST(CASE
        WHEN future THEN 'test'
        WHEN NOT once OR length < 2 THEN 'train'
        WHEN nth = 1 THEN CASE WHEN getvariable('rule') = 'files' THEN 'validation' ELSE 'test' END
        WHEN nth = 2 AND length > 2 AND getvariable('rule') <> 'files' THEN 'validation'
        ELSE 'train'
    END AS split) AS split
FROM (
    SELECT
        *,
        row_number() OVER (PARTITION BY listener, future ORDER BY once DESC, issued DESC, position DESC) AS nth,
        count(*) OVER (PARTITION BY listener, future) AS length
    FROM (
        SELECT o.*, r.song IS NULL AS once
        FROM stage.ordered AS o
        LEFT JOIN stage.repeated_songs AS r ON r.listener = o.listener AND r.song = o.song
    )
);
