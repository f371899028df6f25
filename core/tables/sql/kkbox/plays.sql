-- One file of plays, in the order of its lines. A join gives up the order of its input, so the line number is carried; the
-- optimizer knows no size of a file and would build the hash table on the plays.

SET disabled_optimizers = 'join_order,build_side_probe_side';

CREATE OR REPLACE TABLE stage.play_rows AS
SELECT
    f.row, l.key AS listener, s.key AS song, f.behaviour, f.screen, f.source, f.repeated,
    CASE WHEN l.key IS NULL OR s.key IS NULL THEN f.line END AS text
FROM (
    SELECT
        row,
        line,
        id_field(parts, 'msno') AS listener,
        id_field(parts, 'song_id') AS song,
        choice(field(parts, 'source_system_tab'), unsettled) AS behaviour,
        choice(field(parts, 'source_screen_name'), unsettled) AS screen,
        choice(field(parts, 'source_type'), unsettled) AS source,
        CASE trimmed(field(parts, 'target')) WHEN '1' THEN true WHEN '0' THEN false END AS repeated
    FROM (
        SELECT line_number(place) AS row, line, fields(line) AS parts, unsettled(line) AS unsettled
        FROM (SELECT row_number() OVER () AS place, line FROM lines(getvariable('path')))
        WHERE place > 1 AND line IS NOT NULL
    )
) AS f
LEFT JOIN stage.listener_keys AS l ON l.id = f.listener
LEFT JOIN stage.song_keys AS s ON s.id = f.song;

RESET disabled_optimizers;

INSERT INTO rejects
SELECT
    getvariable('file'), row,
    CASE WHEN whole(fields(text)) THEN CASE WHEN listener IS NULL THEN 'msno' ELSE 'song_id' END END,
    reason(text, id_field(fields(text), CASE WHEN listener IS NULL THEN 'msno' ELSE 'song_id' END)), clean(text)
FROM stage.play_rows
WHERE text IS NOT NULL;

SELECT count(*) FROM stage.play_rows;
