-- Every song and listener that any file names, under a number that joins the tables from here on. A described song has the
-- place of its line; those that are only played come after.

CREATE TABLE stage.other_songs AS
SELECT CAST((SELECT count(*) FROM stage.song_lines) + row_number() OVER () AS INTEGER) AS key, id
FROM (SELECT DISTINCT song AS id FROM stage.played WHERE song IS NOT NULL) AS p ANTI JOIN stage.song_rows AS r ON r.id = p.id;

CREATE TABLE stage.song_keys AS
SELECT key, code(id) AS code FROM stage.song_rows UNION ALL SELECT key, code(id) FROM stage.other_songs;

CREATE TABLE stage.listener_keys AS
SELECT id, CAST(row_number() OVER () AS INTEGER) AS key, code(id) AS code
FROM (SELECT id FROM stage.member_rows UNION SELECT listener FROM stage.played WHERE listener IS NOT NULL);

DROP TABLE stage.played;

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
    r.key, r.id, t.title, values_of(r.artists) AS artists, NULL AS album, values_of(r.genres) AS genres,
    values_of(r.genres) AS genre_names, values_of(r.composers) AS composers, values_of(r.lyricists) AS lyricists, r.language,
    t.isrc[1:2] AS country
FROM stage.song_rows AS r LEFT JOIN stage.titles AS t ON t.key = r.key
UNION ALL
SELECT o.key, o.id, t.title, [], NULL, [], [], [], [], NULL, t.isrc[1:2]
FROM stage.other_songs AS o LEFT JOIN stage.titles AS t ON t.key = o.key;

INSERT INTO stage.listeners
SELECT
    k.key, k.id, m.row, m.age, m.gender, m.city, m.registered_via, m.registered, m.expires,
    NULL, [], NULL, NULL, NULL
FROM stage.listener_keys AS k LEFT JOIN stage.member_rows AS m ON m.id = k.id;

INSERT INTO stage.counts
SELECT 'songs without a row in songs.csv', count(*) FROM stage.songs WHERE row IS NULL
UNION ALL
SELECT 'listeners without a row in members.csv', count(*) FROM stage.listeners WHERE row IS NULL;

-- How many ids share their hash with another
SELECT
    (SELECT count(*) - count(DISTINCT code) FROM stage.song_keys)
    + (SELECT count(*) - count(DISTINCT code) FROM stage.listener_keys);
