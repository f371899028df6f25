-- The ids that occur in one file of plays.

INSERT INTO stage.played_songs
SELECT DISTINCT id
FROM (SELECT id_field(fields(line), 'song_id') AS id FROM lines(getvariable('path')))
WHERE usable_id(id) AND id <> 'song_id';

INSERT INTO stage.players
SELECT DISTINCT id
FROM (SELECT id_field(fields(line), 'msno') AS id FROM lines(getvariable('path')))
WHERE usable_id(id) AND id <> 'msno';

SELECT count(line) - 1 FROM lines(getvariable('path'));
