-- Listeners that hold the text looked for, else those whose id is most like it.
SELECT id, title
FROM listeners
ORDER BY contains(search, $folded) DESC, jaro_winkler_similarity(lower(id), $folded) DESC, listener
LIMIT 3
