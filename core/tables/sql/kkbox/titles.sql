-- song_extra_info.csv: titles, and country and year from the ISRC.

CREATE TABLE stage.described AS
SELECT
    id_field(parts, 'song_id') AS id,
    tidy(field(parts, 'name'), unsettled) AS title,
    isrc(trimmed(field(parts, 'isrc'))) AS isrc,
    CASE WHEN NOT coalesce(usable_id(id_field(parts, 'song_id')), false) THEN line END AS text
FROM (SELECT line, fields(line) AS parts, unsettled(line) AS unsettled FROM lines(getvariable('path')));
