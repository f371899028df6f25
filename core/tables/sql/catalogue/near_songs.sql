-- Songs that hold the text looked for, else those whose id is most like it.
SELECT id, title
FROM songs
ORDER BY contains(search, $folded) DESC, jaro_winkler_similarity(lower(id), $folded) DESC, song
LIMIT 3
