-- Playlists that hold songs become listeners, in the order of the files; every song that any file names gets a key.

INSERT INTO rejects
SELECT file, row, 'songs', 'songs is no list', text FROM stage.playlists WHERE text IS NOT NULL
UNION ALL
SELECT file, row, 'id', 'no playlist id', title FROM stage.playlists WHERE text IS NULL AND NOT coalesce(usable_id(id), false);

CREATE TABLE stage.keyed AS
SELECT *, CAST(row_number() OVER () AS INTEGER) AS key FROM stage.playlists WHERE text IS NULL AND usable_id(id);

CREATE TABLE stage.playlist_first AS
SELECT id, min(key) AS key FROM stage.keyed GROUP BY id HAVING count(*) > 1;

INSERT INTO rejects
SELECT k.file, k.row, 'id', 'the playlist stands in an earlier record', k.id
FROM stage.keyed AS k JOIN stage.playlist_first AS f ON f.id = k.id AND k.key > f.key;

INSERT INTO stage.counts
SELECT 'left out: playlists without songs', count(*)
FROM stage.keyed AS k LEFT JOIN stage.playlist_first AS f ON f.id = k.id
WHERE coalesce(len(k.songs), 0) = 0 AND (f.key IS NULL OR f.key = k.key);

INSERT INTO stage.listeners
SELECT k.key, k.id, k.key, NULL, NULL, NULL, NULL, NULL, NULL, k.title, k.tags, k.likes, k.updated, NULL
FROM stage.keyed AS k LEFT JOIN stage.playlist_first AS f ON f.id = k.id
WHERE len(k.songs) > 0 AND (f.key IS NULL OR f.key = k.key);

CREATE TABLE stage.listed AS
SELECT k.key AS listener, unnest(k.songs) AS id, generate_subscripts(k.songs, 1) AS place
FROM stage.keyed AS k SEMI JOIN stage.listeners AS l ON l.key = k.key;

CREATE TABLE stage.song_keys AS
WITH ids AS MATERIALIZED (SELECT id FROM stage.song_records UNION SELECT id FROM stage.listed)
SELECT id, CAST(row_number() OVER () AS INTEGER) AS key FROM ids WHERE usable_id(id);

INSERT INTO stage.counts
SELECT 'songs without a record in song_meta.json', count(*)
FROM stage.song_keys AS k ANTI JOIN stage.song_records AS r ON r.id = k.id;

-- A list has far fewer than 2^24 songs, so the place in it fits below the playlist's number.
INSERT INTO stage.plays
SELECT (CAST(p.listener AS BIGINT) << 24) + p.place, p.listener, s.key, NULL, NULL, false
FROM stage.listed AS p JOIN stage.song_keys AS s ON s.id = p.id;

INSERT INTO stage.counts
SELECT 'left out: plays without a song id', (SELECT count(*) FROM stage.listed) - (SELECT count(*) FROM stage.plays);

DROP TABLE stage.listed;

CREATE TABLE stage.genre_lists AS
SELECT genres, list(coalesce(n.name, g.code) ORDER BY g.place) AS names
FROM (
    SELECT genres, unnest(genres) AS code, generate_subscripts(genres, 1) AS place
    FROM (SELECT DISTINCT genres FROM stage.song_records)
) AS g
LEFT JOIN stage.genre_names AS n ON n.code = g.code
GROUP BY genres;

INSERT INTO stage.songs
SELECT k.key, r.row, k.id, NULL, r.released, NULL
FROM stage.song_keys AS k LEFT JOIN stage.song_records AS r ON r.id = k.id;

INSERT INTO stage.song_facts
SELECT
    k.key, k.id, r.title, coalesce(r.artists, []), r.album, coalesce(r.genres, []), coalesce(g.names, []), [], [], NULL, NULL
FROM stage.song_keys AS k
LEFT JOIN stage.song_records AS r ON r.id = k.id
LEFT JOIN stage.genre_lists AS g ON g.genres = r.genres;

SELECT count(*) FROM stage.songs WHERE released IS NOT NULL;
