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
SELECT song AS row, 'genre' AS field, unnest(genres) AS value FROM songs
UNION ALL SELECT song, 'artist', unnest(artists) FROM songs
UNION ALL SELECT song, 'composer', unnest(composers) FROM songs
UNION ALL SELECT song, 'lyricist', unnest(lyricists) FROM songs
UNION ALL SELECT song, 'language', language FROM songs WHERE language IS NOT NULL
UNION ALL SELECT song, 'album', album FROM songs WHERE album IS NOT NULL
UNION ALL SELECT song, 'country', country FROM songs WHERE country IS NOT NULL
UNION ALL SELECT song, 'year', (released // 10000)::VARCHAR FROM songs WHERE released IS NOT NULL

-- name: listener_values
SELECT listener AS row, 'age' AS field, (age // 5)::VARCHAR AS value FROM listeners WHERE age IS NOT NULL
UNION ALL SELECT listener, 'gender', gender FROM listeners WHERE gender IS NOT NULL
UNION ALL SELECT listener, 'city', city FROM listeners WHERE city IS NOT NULL
UNION ALL SELECT listener, 'registered_via', registered_via FROM listeners WHERE registered_via IS NOT NULL
UNION ALL SELECT listener, 'tag', unnest(tags) FROM listeners
UNION ALL SELECT listener, 'title', unnest(list_distinct(string_split_regex(lower(title), '\s+'))) FROM listeners
    WHERE title IS NOT NULL
UNION ALL SELECT listener, 'likes', floor(log2(1 + likes))::INTEGER::VARCHAR FROM listeners WHERE likes IS NOT NULL

-- name: codes
-- Values of the chosen fields become numbers: 0 … fields - 1 stand for "unknown", one a field; then every value that at least
-- $seldom rows share, by falling frequency; then $buckets hashed ones per field for the rest.
pairs AS MATERIALIZED (
    SELECT DISTINCT row, list_position($fields, field)::INTEGER - 1 AS field, value
    FROM ({values}) WHERE list_contains($fields, field) AND value <> ''
),
vocabulary AS (
    SELECT field, value, count(*) AS uses FROM pairs GROUP BY ALL
),
frequent AS (
    SELECT field, value, len($fields) + row_number() OVER (ORDER BY field, uses DESC, value) - 1 AS code
    FROM vocabulary WHERE uses >= $seldom
)

-- name: frequent
WITH {codes}
SELECT field::INTEGER, value, code::BIGINT FROM frequent;

-- name: bags
WITH {codes},
known AS (
    SELECT DISTINCT p.row, coalesce(
        f.code,
        len($fields) + (SELECT count(*) FROM frequent) + p.field * $buckets + md5_number_lower(p.value) % $buckets
    ) AS code
    FROM pairs p LEFT JOIN frequent f USING (field, value)
),
unknown AS (
    SELECT r.row, f.field::BIGINT AS code
    FROM (SELECT {key} AS row FROM {table}) r, (SELECT unnest(range(len($fields))) AS field) f
    ANTI JOIN pairs p ON p.row = r.row AND p.field = f.field
)
SELECT row, code::BIGINT AS code FROM (SELECT row, code FROM known UNION ALL SELECT row, code FROM unknown)
ORDER BY row, code;

-- name: sizes
SELECT count(*) FILTER (uses >= $seldom) AS frequent, count(*) FILTER (uses < $seldom) AS rare FROM (
    SELECT field, value, count(DISTINCT row) AS uses
    FROM ({values}) WHERE list_contains($fields, field) AND value <> '' GROUP BY field, value
);

-- name: encode
-- The values of one listener, who stands here under the name of the table that `listener_values` reads.
WITH listeners AS (
    SELECT
        0 AS listener, $age::INTEGER AS age, $gender::VARCHAR AS gender, $city::VARCHAR AS city,
        $registered_via::VARCHAR AS registered_via, $title::VARCHAR AS title, $tags::VARCHAR[] AS tags, $likes::INTEGER AS likes
)
SELECT DISTINCT list_position($fields, field)::INTEGER - 1 AS field, value, md5_number_lower(value) AS hash
FROM ({values}) WHERE list_contains($fields, field) AND value <> '';
