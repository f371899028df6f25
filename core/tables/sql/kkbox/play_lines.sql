-- One file of plays. Its lines pass through once more and are gone, so a quick compression will do. The ids are collected in
-- a second reading, which costs less than to write them with every play.

SET VARIABLE first_place = (SELECT count(*) FROM stage.play_lines);

PRAGMA force_compression = 'dictionary';

INSERT INTO stage.play_lines
SELECT
    getvariable('future'), CASE WHEN usable THEN code(listener) END, CASE WHEN usable THEN code(song) END, behaviour, screen,
    source, repeated, CASE WHEN NOT usable THEN line END
FROM plays_of(getvariable('path'));

PRAGMA force_compression = 'auto';

INSERT INTO stage.played
SELECT listener, song FROM plays_of(getvariable('path')) WHERE usable GROUP BY GROUPING SETS ((listener), (song));

INSERT INTO rejects
SELECT
    getvariable('file'),
    line_number(place),
    CASE WHEN whole(parts) THEN CASE WHEN usable_id(listener) THEN 'song_id' ELSE 'msno' END END,
    reason(text, CASE WHEN usable_id(listener) THEN song ELSE listener END),
    clean(text)
FROM (
    SELECT *, id_field(parts, 'msno') AS listener, id_field(parts, 'song_id') AS song
    FROM (
        SELECT rowid - getvariable('first_place') AS place, text, fields(text) AS parts
        FROM stage.play_lines WHERE text IS NOT NULL AND future = getvariable('future')
    )
);

SELECT count(*) FROM stage.play_lines WHERE future = getvariable('future') AND (listener IS NOT NULL OR text IS NOT NULL);
