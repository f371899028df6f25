-- songs.csv, a row per song; the first row of an id wins.

CREATE TABLE stage.song_lines AS
SELECT
    row,
    CASE WHEN whole(parts) THEN id_field(parts, 'song_id') END AS id,
    field(parts, 'song_length') AS length,
    field(parts, 'genre_ids') AS genres,
    field(parts, 'artist_name') AS artists,
    field(parts, 'composer') AS composers,
    field(parts, 'lyricist') AS lyricists,
    field(parts, 'language') AS language,
    CASE WHEN NOT whole(parts) OR NOT usable_id(id_field(parts, 'song_id')) THEN line END AS text
FROM (SELECT row, line, fields(line) AS parts FROM lines(getvariable('path')));

INSERT INTO rejects
SELECT getvariable('file'), row, 'song_id', CASE WHEN id IS NULL THEN 'wrong number of fields' ELSE 'no song id' END, clean(text)
FROM stage.song_lines
WHERE text IS NOT NULL;

CREATE TABLE stage.song_first AS
SELECT id, min(row) AS row FROM stage.song_lines WHERE text IS NULL GROUP BY id HAVING count(*) > 1;

INSERT INTO rejects
SELECT getvariable('file'), l.row, 'song_id', 'the song stands on an earlier line', l.id
FROM stage.song_lines AS l JOIN stage.song_first AS f ON l.id = f.id AND l.row > f.row;

INSERT INTO stage.song_rows
SELECT
    l.row,
    l.id,
    values_of(l.artists) AS artists,
    values_of(l.genres) AS genres,
    values_of(l.composers) AS composers,
    values_of(l.lyricists) AS lyricists,
    regexp_replace(clean(l.language), '\.0+$', '') AS language,
    CASE WHEN try_cast(l.length AS DOUBLE) BETWEEN 1 AND 2147483647 THEN CAST(CAST(l.length AS DOUBLE) AS INTEGER) END AS length_ms
FROM stage.song_lines AS l LEFT JOIN stage.song_first AS f ON l.id = f.id
WHERE l.text IS NULL AND (f.row IS NULL OR f.row = l.row);

SELECT count(*) FROM stage.song_lines;
