-- Whether there is a play that no cut so far has taken.

SELECT count(*) FROM (
    SELECT 1
    FROM stage.plays AS p
    JOIN stage.songs AS s ON s.key = p.song AND s.cut IS NULL
    JOIN stage.listeners AS l ON l.key = p.listener AND l.cut IS NULL
    LIMIT 1
);
