-- song_extra_info.csv: titles as they stand there, and country and year from the ISRC.

CREATE OR REPLACE TABLE stage.described AS
SELECT
    bare(song_id) AS id, name AS title, isrc(trimmed(isrc)) AS isrc,
    CASE WHEN NOT usable_id(bare(song_id)) THEN as_read(line) END AS text
FROM cells;

SELECT count(*), count(text) FROM stage.described;
