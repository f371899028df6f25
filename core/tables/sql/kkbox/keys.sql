-- Every song and listener that any file names has a number. A described one has the place of its row; those that are only
-- played come after.

CREATE TABLE stage.other_songs AS
SELECT CAST((SELECT count(*) FROM stage.song_lines) + row_number() OVER () AS INTEGER) AS key, id
FROM (SELECT DISTINCT song AS id FROM stage.late_lines) AS p ANTI JOIN stage.song_rows AS r ON r.id = p.id;

CREATE TABLE stage.other_listeners AS
SELECT CAST((SELECT count(*) FROM stage.member_rows) + row_number() OVER () AS INTEGER) AS key, id
FROM (SELECT DISTINCT listener AS id FROM stage.late_lines) AS p ANTI JOIN stage.member_rows AS m ON m.id = p.id;

CREATE TABLE stage.titles AS
SELECT coalesce(r.key, o.key) AS key, t.title, t.isrc
FROM stage.title_rows AS t LEFT JOIN stage.song_rows AS r ON r.id = t.id LEFT JOIN stage.other_songs AS o ON o.id = t.id;

INSERT INTO stage.counts
SELECT 'left out: titles of songs that are not in the catalogue', count(*) FROM stage.titles WHERE key IS NULL;

INSERT INTO stage.songs
SELECT
    r.key, r.key, NULL, CASE WHEN r.length BETWEEN 1 AND 2147483647 THEN CAST(r.length AS INTEGER) END,
    isrc_year(t.isrc) * 10000, NULL
FROM stage.song_rows AS r LEFT JOIN stage.titles AS t ON t.key = r.key
UNION ALL
SELECT o.key, NULL, o.id, NULL, isrc_year(t.isrc) * 10000, NULL
FROM stage.other_songs AS o LEFT JOIN stage.titles AS t ON t.key = o.key;

CREATE VIEW stage.song_facts AS
SELECT
    r.key, r.id, shown(t.title) AS title, values_of(shown(r.artists)) AS artists, NULL AS album,
    values_of(shown(r.genres)) AS genres, values_of(shown(r.genres)) AS genre_names,
    values_of(shown(r.composers)) AS composers, values_of(shown(r.lyricists)) AS lyricists,
    regexp_replace(shown(r.language), '\.0+$', '') AS language, t.isrc[1:2] AS country
FROM stage.song_rows AS r LEFT JOIN stage.titles AS t ON t.key = r.key
UNION ALL
SELECT o.key, o.id, shown(t.title), [], NULL, [], [], [], [], NULL, t.isrc[1:2]
FROM stage.other_songs AS o LEFT JOIN stage.titles AS t ON t.key = o.key;

INSERT INTO stage.listeners
SELECT
    key, id, row, age, gender, city, registered_via, registered, expires, NULL, [], NULL, NULL, NULL
FROM stage.member_rows
UNION ALL
SELECT key, id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, [], NULL, NULL, NULL FROM stage.other_listeners;

INSERT INTO stage.counts
SELECT 'songs without a row in songs.csv', count(*) FROM stage.songs WHERE row IS NULL
UNION ALL
SELECT 'listeners without a row in members.csv', count(*) FROM stage.listeners WHERE row IS NULL;
