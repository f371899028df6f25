-- songs.csv, a row per song, as it stands there.

CREATE OR REPLACE TABLE stage.described AS
SELECT
    bare(song_id) AS id, artist_name AS artists, genre_ids AS genres, composer AS composers, lyricist AS lyricists, language,
    try_cast(song_length AS DOUBLE) AS length, CASE WHEN NOT usable_id(bare(song_id)) THEN as_read(line) END AS text
FROM cells;

SELECT count(*), count(text) FROM stage.described;
