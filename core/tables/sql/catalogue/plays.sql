SELECT
    position, behaviour, screen, source, repeated, split, song
FROM plays
WHERE listener = ?
ORDER BY position
