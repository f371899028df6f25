-- Every song and listener that any file names, under a number that joins the tables from here on.

CREATE TABLE stage.song_keys AS
SELECT id, CAST(row_number() OVER () AS INTEGER) AS key
FROM (SELECT id FROM stage.song_rows UNION SELECT song FROM stage.play_lines WHERE text IS NULL AND song IS NOT NULL);

CREATE TABLE stage.listener_keys AS
SELECT id, CAST(row_number() OVER () AS INTEGER) AS key
FROM (SELECT id FROM stage.member_rows UNION SELECT listener FROM stage.play_lines WHERE text IS NULL AND song IS NOT NULL);

INSERT INTO stage.songs
SELECT
    k.key, k.id, s.row, t.title, coalesce(s.artists, []), NULL, coalesce(s.genres, []), coalesce(s.genres, []),
    coalesce(s.composers, []), coalesce(s.lyricists, []), s.language, t.isrc[1:2], s.length_ms, isrc_year(t.isrc) * 10000, NULL
FROM stage.song_keys AS k LEFT JOIN stage.song_rows AS s ON s.id = k.id LEFT JOIN stage.title_rows AS t ON t.id = k.id;

INSERT INTO stage.counts
SELECT 'left out: titles of songs that are not in the catalogue', count(*)
FROM stage.title_rows AS t ANTI JOIN stage.song_keys AS k ON t.id = k.id;

INSERT INTO stage.listeners
SELECT
    k.key, k.id, m.row, m.age, m.gender, m.city, m.registered_via, m.registered, m.expires,
    NULL, [], NULL, NULL, NULL
FROM stage.listener_keys AS k LEFT JOIN stage.member_rows AS m ON m.id = k.id;

INSERT INTO stage.counts
SELECT 'songs without a row in songs.csv', count(*) FROM stage.songs WHERE row IS NULL
UNION ALL
SELECT 'listeners without a row in members.csv', count(*) FROM stage.listeners WHERE row IS NULL;
