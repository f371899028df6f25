-- Each pair once, listener by listener, so that a block of listeners is a stretch of the table.

CREATE TABLE scores AS
SELECT listener, song, max(score) AS score
FROM joined
WHERE listener IS NOT NULL AND song IS NOT NULL AND isfinite(score)
GROUP BY ALL
ORDER BY listener, song
