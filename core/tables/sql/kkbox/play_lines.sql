-- One file of plays. The lines pass through once more and are gone, so they are not worth compressing.

SET VARIABLE first_place = (SELECT count(*) FROM stage.play_lines);

PRAGMA force_compression = 'uncompressed';

INSERT INTO stage.play_lines
SELECT
    getvariable('future'), listener, song, behaviour, screen, source, repeated,
    CASE
        WHEN coalesce(listener <> '' AND song <> '', false)
            AND (NOT unsettled OR (usable_id(listener) AND usable_id(song))) THEN NULL
        ELSE line
    END
FROM (
    SELECT
        line,
        unsettled,
        id_field(parts, 'msno') AS listener,
        id_field(parts, 'song_id') AS song,
        choice(field(parts, 'source_system_tab'), unsettled) AS behaviour,
        choice(field(parts, 'source_screen_name'), unsettled) AS screen,
        choice(field(parts, 'source_type'), unsettled) AS source,
        CASE trimmed(field(parts, 'target')) WHEN '1' THEN true WHEN '0' THEN false END AS repeated
    FROM (SELECT line, fields(line) AS parts, unsettled_line(line) AS unsettled FROM lines(getvariable('path')))
);

PRAGMA force_compression = 'auto';

INSERT INTO rejects
SELECT
    getvariable('file'),
    line_number(rowid - getvariable('first_place')),
    CASE WHEN whole(fields(text)) THEN CASE WHEN usable_id(listener) THEN 'song_id' ELSE 'msno' END END,
    reason(text, CASE WHEN usable_id(listener) THEN song ELSE listener END),
    clean(text)
FROM stage.play_lines
WHERE text IS NOT NULL AND future = getvariable('future');

SELECT count(*) FROM stage.play_lines WHERE future = getvariable('future') AND (listener IS NOT NULL OR text IS NOT NULL);
