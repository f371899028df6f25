-- Figures and lists come as dense numbers, and leave under original ids.

SELECT l.id AS listener, f.* EXCLUDE (listener), coalesce(t.top, []) AS top, h.held, h.ranks
FROM figures AS f
JOIN listeners AS l ON l.listener = f.listener
LEFT JOIN (
    SELECT p.listener, list(s.id ORDER BY p.place) AS top
    FROM places AS p JOIN songs AS s ON s.song = p.song
    GROUP BY p.listener
) AS t ON t.listener = f.listener
JOIN (
    SELECT g.listener, list(s.id ORDER BY g.rank, g.song) AS held, list(g.rank ORDER BY g.rank, g.song) AS ranks
    FROM goals AS g JOIN songs AS s ON s.song = g.song
    GROUP BY g.listener
) AS h ON h.listener = f.listener
ORDER BY f.listener
