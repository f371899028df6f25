-- Every play with the split that it belongs to, under original ids.

SELECT l.id AS listener, p.position, s.id AS song, p.behaviour, CAST(p.split AS VARCHAR) AS split
FROM plays AS p
JOIN listeners AS l ON l.listener = p.listener
JOIN songs AS s ON s.song = p.song
ORDER BY p.listener, p.position
