-- song_extra_info.csv: titles, and country and year from the ISRC; the first row of an id wins.

CREATE TABLE stage.title_lines AS
SELECT
    row,
    CASE WHEN whole(parts) THEN id_field(parts, 'song_id') END AS id,
    clean(field(parts, 'name')) AS title,
    isrc(field(parts, 'isrc')) AS isrc,
    CASE WHEN NOT whole(parts) OR NOT usable_id(id_field(parts, 'song_id')) THEN line END AS text
FROM (SELECT row, line, fields(line) AS parts FROM lines(getvariable('path')));

INSERT INTO rejects
SELECT getvariable('file'), row, 'song_id', CASE WHEN id IS NULL THEN 'wrong number of fields' ELSE 'no song id' END, clean(text)
FROM stage.title_lines
WHERE text IS NOT NULL;

CREATE TABLE stage.title_first AS
SELECT id, min(row) AS row FROM stage.title_lines WHERE text IS NULL GROUP BY id HAVING count(*) > 1;

INSERT INTO rejects
SELECT getvariable('file'), l.row, 'song_id', 'the song stands on an earlier line', l.id
FROM stage.title_lines AS l JOIN stage.title_first AS f ON l.id = f.id AND l.row > f.row;

INSERT INTO stage.title_rows
SELECT l.id, l.title, l.isrc
FROM stage.title_lines AS l LEFT JOIN stage.title_first AS f ON l.id = f.id
WHERE l.text IS NULL AND (f.row IS NULL OR f.row = l.row);

SELECT count(*) FROM stage.title_lines;
