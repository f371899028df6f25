-- Dense numbers of the songs with any of these genres and any of these languages, of these years; NULL asks for nothing.
SELECT CAST(song AS BIGINT) AS song
FROM songs
WHERE ($genres IS NULL OR list_has_any(genres, CAST($genres AS VARCHAR[])))
    AND ($languages IS NULL OR list_contains(CAST($languages AS VARCHAR[]), language))
    AND ($first_year IS NULL OR released // 10000 >= $first_year)
    AND ($last_year IS NULL OR released // 10000 <= $last_year)
ORDER BY song
