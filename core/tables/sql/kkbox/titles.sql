-- song_extra_info.csv: titles as they stand there, and country and year from the ISRC.

-- Finding a compression for ids that all differ takes as long as reading them.
PRAGMA force_compression = 'uncompressed';

CREATE OR REPLACE TABLE stage.described AS
SELECT
    bare(song_id) AS id, name AS title, isrc(trimmed(isrc)) AS isrc,
    CASE WHEN NOT usable_id(bare(song_id)) THEN line END AS text
FROM cells;

PRAGMA force_compression = 'auto';

SELECT count(*), count(text) FROM stage.described;
