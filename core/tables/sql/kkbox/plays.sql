-- train.csv is the past. test.csv is what came after: a pair of listener and song that the past holds already is no news,
-- and a pair counts once.

CREATE VIEW stage.known_plays AS
SELECT p.rowid AS seq, l.key AS listener, s.key AS song, p.behaviour, p.screen, p.source, p.repeated, p.future
FROM stage.play_lines AS p
JOIN stage.listener_keys AS l ON l.code = p.listener
JOIN stage.song_keys AS s ON s.code = p.song;

INSERT INTO stage.plays SELECT * FROM stage.known_plays WHERE NOT future;

CREATE TABLE stage.future_plays AS SELECT * FROM stage.known_plays WHERE future;

DROP VIEW stage.known_plays;

DROP TABLE stage.play_lines;

CREATE TABLE stage.news AS
SELECT f.*
FROM stage.future_plays AS f
ANTI JOIN stage.plays AS p ON p.listener = f.listener AND p.song = f.song;

INSERT INTO stage.counts
SELECT
    'left out: test plays already in train',
    (SELECT count(*) FROM stage.future_plays) - (SELECT count(*) FROM stage.news);

CREATE TABLE stage.news_first AS
SELECT listener, song, min(seq) AS seq FROM stage.news GROUP BY listener, song HAVING count(*) > 1;

INSERT INTO stage.counts
SELECT 'left out: test plays that repeat another', count(*)
FROM stage.news AS n JOIN stage.news_first AS f ON f.listener = n.listener AND f.song = n.song AND n.seq > f.seq;

INSERT INTO stage.plays
SELECT n.*
FROM stage.news AS n LEFT JOIN stage.news_first AS f ON f.listener = n.listener AND f.song = n.song
WHERE f.seq IS NULL OR f.seq = n.seq;
