-- Sums over rows that name their own place: the order of reading does not matter, every value does, the search text made
-- of them apart. md5 and text of one's own making, since hash() and the text of a row may change with DuckDB.

CREATE TEMP MACRO told(x) AS coalesce(CAST(x AS VARCHAR), chr(29));

CREATE TEMP MACRO told_list(x) AS chr(30) || array_to_string(x, chr(30));

-- Three numbers in one: a cube modulo 2^31 - 1, so that no exchange of numbers between rows leaves the sum as it was. It
-- costs a tenth of md5, and plays are many.
CREATE TEMP MACRO modulo(x) AS x % 2147483647;

CREATE TEMP MACRO cubed(x) AS modulo(modulo(x * x) * x);

CREATE TEMP MACRO mixed(listener, place, song, a, b, c) AS cubed(modulo(
    modulo(CAST(listener AS BIGINT) * a) + modulo(CAST(place AS BIGINT) * b) + modulo(CAST(song AS BIGINT) * c)
));

SELECT
    (
        SELECT sum(md5_number_lower(concat_ws(
            chr(31), song, id, told(title), told_list(artists), told(album), told_list(genres), told_list(genre_names),
            told_list(composers), told_list(lyricists), told(language), told(country), told(length_ms), told(released), plays
        )))
        FROM songs
    ),
    (
        SELECT sum(md5_number_lower(concat_ws(
            chr(31), listener, id, told(age), told(gender), told(city), told(registered_via), told(registered), told(expires),
            told(title), told_list(tags), told(likes), told(updated), plays
        )))
        FROM listeners
    ),
    (
        SELECT sum(md5_number_lower(concat_ws(
            chr(31), told(behaviour), told(screen), told(source), told(repeated), split, one_sum, other_sum
        )))
        FROM (
            SELECT
                behaviour, screen, source, repeated, split,
                sum(mixed(listener, position, song, 1000003, 15485863, 32452843)) AS one_sum,
                sum(mixed(listener, position, song, 49979687, 67867967, 86028121)) AS other_sum
            FROM plays
            GROUP BY ALL
        )
    );
