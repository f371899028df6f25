-- Sampled songs come as dense numbers, and leave under original ids.

SELECT l.id AS listener, s.id AS song
FROM sampled AS n
JOIN listeners AS l ON l.listener = n.listener
JOIN songs AS s ON s.song = n.song
ORDER BY n.listener, n.song
