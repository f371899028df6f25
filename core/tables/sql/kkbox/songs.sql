-- songs.csv, a row per song, as it stands there.

-- Finding a compression for ids that all differ takes as long as reading them.
PRAGMA force_compression = 'uncompressed';

CREATE OR REPLACE TABLE stage.described AS
SELECT
    bare(song_id) AS id, artist_name AS artists, genre_ids AS genres, composer AS composers, lyricist AS lyricists, language,
    try_cast(song_length AS DOUBLE) AS length, CASE WHEN NOT usable_id(bare(song_id)) THEN line END AS text
FROM cells;

PRAGMA force_compression = 'auto';

SELECT count(*), count(text) FROM stage.described;
