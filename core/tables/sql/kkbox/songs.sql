-- songs.csv, a row per song.

-- Finding a compression for ids that all differ takes as long as reading them.
PRAGMA force_compression = 'uncompressed';

CREATE TABLE stage.described AS
SELECT
    id_field(parts, 'song_id') AS id,
    tidy(field(parts, 'artist_name'), unsettled) AS artists,
    tidy(field(parts, 'genre_ids'), unsettled) AS genres,
    tidy(field(parts, 'composer'), unsettled) AS composers,
    tidy(field(parts, 'lyricist'), unsettled) AS lyricists,
    regexp_replace(tidy(field(parts, 'language'), unsettled), '\.0+$', '') AS language,
    try_cast(field(parts, 'song_length') AS DOUBLE) AS length,
    CASE WHEN coalesce(id_field(parts, 'song_id') <> '' AND (NOT unsettled OR usable_id(id_field(parts, 'song_id'))), false) THEN NULL ELSE line END AS text
FROM (SELECT line, fields(line) AS parts, unsettled_line(line) AS unsettled FROM lines(getvariable('path')));
