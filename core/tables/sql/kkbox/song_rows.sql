INSERT INTO stage.song_rows
SELECT
    row, id, values_of(artists), values_of(genres), values_of(composers), values_of(lyricists), language,
    CASE WHEN length BETWEEN 1 AND 2147483647 THEN CAST(length AS INTEGER) END
FROM stage.described_once;
