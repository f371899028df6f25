-- members.csv, a row per listener; the first row of an id wins.

CREATE TABLE stage.member_lines AS
SELECT
    row,
    CASE WHEN whole(parts) THEN id_field(parts, 'msno') END AS id,
    try_cast(field(parts, 'bd') AS INTEGER) AS age,
    lower(clean(field(parts, 'gender'))) AS gender,
    clean(field(parts, 'city')) AS city,
    clean(field(parts, 'registered_via')) AS registered_via,
    day(trim(field(parts, 'registration_init_time'))) AS registered,
    day(trim(field(parts, 'expiration_date'))) AS expires,
    CASE WHEN NOT whole(parts) OR NOT usable_id(id_field(parts, 'msno')) THEN line END AS text
FROM (SELECT row, line, fields(line) AS parts FROM lines(getvariable('path')));

INSERT INTO rejects
SELECT getvariable('file'), row, 'msno', CASE WHEN id IS NULL THEN 'wrong number of fields' ELSE 'no listener id' END, clean(text)
FROM stage.member_lines
WHERE text IS NOT NULL;

CREATE TABLE stage.member_first AS
SELECT id, min(row) AS row FROM stage.member_lines WHERE text IS NULL GROUP BY id HAVING count(*) > 1;

INSERT INTO rejects
SELECT getvariable('file'), l.row, 'msno', 'the listener stands on an earlier line', l.id
FROM stage.member_lines AS l JOIN stage.member_first AS f ON l.id = f.id AND l.row > f.row;

INSERT INTO stage.member_rows
SELECT l.* EXCLUDE (text)
FROM stage.member_lines AS l LEFT JOIN stage.member_first AS f ON l.id = f.id
WHERE l.text IS NULL AND (f.row IS NULL OR f.row = l.row);

SELECT count(*) FROM stage.member_lines;
