-- song_extra_info.csv: titles, and country and year from the ISRC.

-- Finding a compression for ids that all differ takes as long as reading them.
PRAGMA force_compression = 'uncompressed';

CREATE TABLE stage.described AS
SELECT
    id_field(parts, 'song_id') AS id,
    tidy(field(parts, 'name'), unsettled) AS title,
    isrc(trimmed(field(parts, 'isrc'))) AS isrc,
    CASE WHEN coalesce(id_field(parts, 'song_id') <> '' AND (NOT unsettled OR usable_id(id_field(parts, 'song_id'))), false) THEN NULL ELSE line END AS text
FROM (SELECT line, fields(line) AS parts, unsettled_line(line) AS unsettled FROM lines(getvariable('path')));
