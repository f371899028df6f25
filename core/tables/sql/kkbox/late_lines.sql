-- The lines that were kept as they stand: some can be used once their ids have numbers too, the others become rejects.

CREATE TABLE stage.kept_lines AS
SELECT *, coalesce(usable_id(listener) AND usable_id(song), false) AS usable
FROM (
    SELECT
        place, text, whole(parts) AS whole, bare(whole_field(parts, 'msno')) AS listener,
        bare(whole_field(parts, 'song_id')) AS song,
        kept_choice(field(parts, 'source_system_tab')) AS behaviour, kept_choice(field(parts, 'source_screen_name')) AS screen,
        kept_choice(field(parts, 'source_type')) AS source, repetition(field(parts, 'target')) AS repeated
    FROM (SELECT place, text, fields(text) AS parts FROM stage.read_lines WHERE text IS NOT NULL)
);

INSERT INTO stage.late_lines
SELECT getvariable('first_place') + place, getvariable('future'), listener, song, behaviour, screen, source, repeated
FROM stage.kept_lines WHERE usable;

INSERT INTO rejects
SELECT
    getvariable('file'),
    line_number(place),
    CASE WHEN whole THEN CASE WHEN usable_id(listener) THEN 'song_id' ELSE 'msno' END END,
    reason(text, CASE WHEN usable_id(listener) THEN song ELSE listener END),
    clean(text)
FROM stage.kept_lines
WHERE NOT usable
ORDER BY place;

DROP TABLE stage.kept_lines;

SELECT count(*) FROM stage.read_lines WHERE listener IS NOT NULL OR text IS NOT NULL;
