-- What tensors are made of. Each statement is found by the name in the comment above it.

-- name: plays
SELECT listener, song, coalesce(b.code, 0)::INTEGER AS behaviour, enum_code(split)::UTINYINT AS split
FROM plays LEFT JOIN (
    SELECT behaviour, row_number() OVER (ORDER BY behaviour) AS code
    FROM (SELECT DISTINCT behaviour FROM plays WHERE behaviour IS NOT NULL)
) b USING (behaviour)
ORDER BY listener, position;

-- name: behaviours
SELECT DISTINCT behaviour FROM plays WHERE behaviour IS NOT NULL ORDER BY behaviour;

-- name: songs
SELECT plays, coalesce(length_ms, 0) AS length_ms FROM songs ORDER BY song;

-- name: song_values
-- Each value of a field once a row, which is cheaper to see to list by list than among all pairs.
SELECT song AS row, 'genre' AS field, unnest(CASE WHEN len(genres) > 1 THEN list_distinct(genres) ELSE genres END) AS value FROM songs
UNION ALL SELECT song, 'artist', unnest(CASE WHEN len(artists) > 1 THEN list_distinct(artists) ELSE artists END) FROM songs
UNION ALL SELECT song, 'composer', unnest(CASE WHEN len(composers) > 1 THEN list_distinct(composers) ELSE composers END) FROM songs
UNION ALL SELECT song, 'lyricist', unnest(CASE WHEN len(lyricists) > 1 THEN list_distinct(lyricists) ELSE lyricists END) FROM songs
UNION ALL SELECT song, 'language', language FROM songs WHERE language IS NOT NULL
UNION ALL SELECT song, 'album', album FROM songs WHERE album IS NOT NULL
UNION ALL SELECT song, 'country', country FROM songs WHERE country IS NOT NULL
UNION ALL SELECT song, 'year', (released // 10000)::VARCHAR FROM songs WHERE released IS NOT NULL

-- name: listener_values
SELECT listener AS row, 'age' AS field, (age // 5)::VARCHAR AS value FROM listeners WHERE age IS NOT NULL
UNION ALL SELECT listener, 'gender', gender FROM listeners WHERE gender IS NOT NULL
UNION ALL SELECT listener, 'city', city FROM listeners WHERE city IS NOT NULL
UNION ALL SELECT listener, 'registered_via', registered_via FROM listeners WHERE registered_via IS NOT NULL
UNION ALL SELECT listener, 'tag', unnest(CASE WHEN len(tags) > 1 THEN list_distinct(tags) ELSE tags END) FROM listeners
UNION ALL SELECT listener, 'title', unnest(list_distinct(string_split_regex(lower(title), '\s+'))) FROM listeners
    WHERE title IS NOT NULL
UNION ALL SELECT listener, 'likes', floor(log2(1 + likes))::INTEGER::VARCHAR FROM listeners WHERE likes IS NOT NULL

-- name: pairs
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT row, list_position($fields, field)::INTEGER - 1 AS field, value
FROM ({values}) WHERE list_contains($fields, field) AND value <> '';

-- name: vocabulary
-- Values of the chosen fields become numbers: 0 … fields - 1 stand for "unknown", one a field; then every value that at least
-- $seldom rows share, by falling frequency; then $buckets hashed ones per field for the rest, whose code is NULL here.
CREATE OR REPLACE TEMP TABLE vocabulary AS
SELECT field, value, CASE WHEN uses >= $seldom
    THEN len($fields) + row_number() OVER (PARTITION BY uses >= $seldom ORDER BY field, uses DESC, value) - 1
END AS code
FROM (SELECT field, value, count(*) AS uses FROM pairs GROUP BY ALL);

-- name: sizes
SELECT count(code) AS frequent, count(*) - count(code) AS rare FROM vocabulary;

-- name: frequent
SELECT field, value, code FROM vocabulary WHERE code IS NOT NULL;

-- name: bags
SELECT row, field, code FROM pairs JOIN (
    SELECT field, value, coalesce(
        code, len($fields) + $frequent + field::BIGINT * $buckets + md5_number_lower(value) % $buckets
    )::BIGINT AS code
    FROM vocabulary
) USING (field, value);

-- name: encode
-- The values of one listener, who stands here under the name of the table that `listener_values` reads.
WITH listeners AS (
    SELECT
        0 AS listener, $age::INTEGER AS age, $gender::VARCHAR AS gender, $city::VARCHAR AS city,
        $registered_via::VARCHAR AS registered_via, $title::VARCHAR AS title, $tags::VARCHAR[] AS tags, $likes::INTEGER AS likes
)
SELECT DISTINCT list_position($fields, field)::INTEGER - 1 AS field, value, md5_number_lower(value) AS hash
FROM ({values}) WHERE list_contains($fields, field) AND value <> '';
