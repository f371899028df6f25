-- train.csv is the past. test.csv is what came after: a pair of listener and song that the past holds already is no news,
-- and a pair counts once.

INSERT INTO stage.contexts
SELECT context, choice(behaviour), choice(screen), choice(source) FROM stage.known_contexts;

INSERT INTO stage.contexts
SELECT 1000000000 + row_number() OVER (), behaviour, screen, source
FROM (SELECT DISTINCT behaviour, screen, source FROM stage.late_lines);

CREATE TABLE stage.late_plays AS
SELECT
    p.seq, coalesce(m.key, l.key) AS listener, coalesce(r.key, s.key) AS song, c.context, p.repeated, p.future
FROM stage.late_lines AS p
JOIN (SELECT * FROM stage.contexts WHERE context >= 1000000000) AS c
    ON (c.behaviour, c.screen, c.source) IS NOT DISTINCT FROM (p.behaviour, p.screen, p.source)
LEFT JOIN stage.member_rows AS m ON m.id = p.listener
LEFT JOIN stage.other_listeners AS l ON l.id = p.listener
LEFT JOIN stage.song_rows AS r ON r.id = p.song
LEFT JOIN stage.other_songs AS s ON s.id = p.song;

DROP TABLE stage.late_lines;

CREATE TABLE stage.future_plays AS
SELECT (SELECT count(*) FROM stage.past_lines) + place AS seq, listener, song, context, repeated, true AS future
FROM stage.future_lines WHERE text IS NULL AND listener IS NOT NULL
UNION ALL
SELECT * FROM stage.late_plays WHERE future;

DROP TABLE stage.future_lines;

DROP TABLE stage.plays;

CREATE VIEW stage.past_plays AS
SELECT place AS seq, listener, song, context, repeated, false AS future
FROM stage.past_lines WHERE text IS NULL AND listener IS NOT NULL
UNION ALL
SELECT * FROM stage.late_plays WHERE NOT future;

CREATE TABLE stage.news AS
SELECT f.*
FROM stage.future_plays AS f
ANTI JOIN stage.past_plays AS p ON p.listener = f.listener AND p.song = f.song;

INSERT INTO stage.counts
SELECT
    'left out: test plays already in train',
    (SELECT count(*) FROM stage.future_plays) - (SELECT count(*) FROM stage.news);

CREATE TABLE stage.news_first AS
SELECT listener, song, min(seq) AS seq FROM stage.news GROUP BY listener, song HAVING count(*) > 1;

INSERT INTO stage.counts
SELECT 'left out: test plays that repeat another', count(*)
FROM stage.news AS n JOIN stage.news_first AS f ON f.listener = n.listener AND f.song = n.song AND n.seq > f.seq;

CREATE VIEW stage.plays AS
SELECT * FROM stage.past_plays
UNION ALL
SELECT n.*
FROM stage.news AS n LEFT JOIN stage.news_first AS f ON f.listener = n.listener AND f.song = n.song
WHERE f.seq IS NULL OR f.seq = n.seq;
