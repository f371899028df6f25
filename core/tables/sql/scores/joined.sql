-- Rows of the file under dense numbers, NULL where the dataset has no such listener or song.

CREATE TABLE joined AS
SELECT l.listener, s.song, g.score
FROM (
    SELECT CAST(listener AS VARCHAR) AS listener, CAST(song AS VARCHAR) AS song, TRY_CAST(score AS DOUBLE) AS score
    FROM given
) AS g
LEFT JOIN known.listeners AS l ON l.id = g.listener
LEFT JOIN known.songs AS s ON s.id = g.song
