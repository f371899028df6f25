-- Lists come as dense numbers, and leave under original ids.

SELECT l.id AS listener, t.rank, s.id AS song, t.score
FROM top AS t
JOIN known.listeners AS l ON l.listener = t.listener
JOIN known.songs AS s ON s.song = t.song
ORDER BY t.listener, t.rank
