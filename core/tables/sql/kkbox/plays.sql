-- One file of plays, in the order of its lines. A join gives up the order of its input, so the line number is carried; the
-- optimizer knows no size of a file and would build the hash table on the plays.

SET disabled_optimizers = 'join_order,build_side_probe_side';

CREATE OR REPLACE TABLE stage.play_rows AS
SELECT
    f.row,
    l.key AS listener,
    s.key AS song,
    choice(f.behaviour) AS behaviour,
    choice(f.screen) AS screen,
    choice(f.source) AS source,
    CASE trim(f.target) WHEN '1' THEN true WHEN '0' THEN false END AS repeated,
    CASE WHEN l.key IS NULL OR s.key IS NULL THEN f.line END AS text
FROM (
    SELECT
        row,
        line,
        CASE WHEN whole(parts) THEN id_field(parts, 'msno') END AS listener,
        CASE WHEN whole(parts) THEN id_field(parts, 'song_id') END AS song,
        field(parts, 'source_system_tab') AS behaviour,
        field(parts, 'source_screen_name') AS screen,
        field(parts, 'source_type') AS source,
        field(parts, 'target') AS target
    FROM (SELECT row, line, fields(line) AS parts FROM lines(getvariable('path')))
) AS f
LEFT JOIN stage.listener_keys AS l ON l.id = f.listener
LEFT JOIN stage.song_keys AS s ON s.id = f.song;

RESET disabled_optimizers;

INSERT INTO rejects
SELECT
    getvariable('file'), row,
    CASE WHEN whole(fields(text)) THEN CASE WHEN listener IS NULL THEN 'msno' ELSE 'song_id' END END,
    CASE
        WHEN regexp_full_match(text, '[\s,"]*') THEN 'blank row'
        WHEN NOT whole(fields(text)) THEN 'wrong number of fields'
        WHEN listener IS NULL THEN 'no listener id'
        ELSE 'no song id'
    END,
    clean(text)
FROM stage.play_rows
WHERE text IS NOT NULL;

SELECT count(*) FROM stage.play_rows;
