-- Everything that was counted, in the order in which it is shown.

SELECT reason, n FROM (
    SELECT 0 AS place, 'listeners' AS reason, (SELECT count(*) FROM listeners) AS n
    UNION ALL SELECT 1, 'listeners_with_plays', (SELECT count(*) FROM listeners WHERE plays > 0)
    UNION ALL SELECT 2, 'songs', (SELECT count(*) FROM songs)
    UNION ALL SELECT 3, 'songs_played', (SELECT count(DISTINCT song) FROM plays)
    UNION ALL SELECT 4, 'plays', (SELECT count(*) FROM plays)
    UNION ALL SELECT 5, 'train', (SELECT count(*) FROM plays WHERE split = 'train')
    UNION ALL SELECT 6, 'validation', (SELECT count(*) FROM plays WHERE split = 'validation')
    UNION ALL SELECT 7, 'test', (SELECT count(*) FROM plays WHERE split = 'test')
    UNION ALL SELECT 8, 'rejects', (SELECT count(*) FROM rejects)
    UNION ALL SELECT 9, reason, CAST(sum(n) AS BIGINT) FROM stage.counts GROUP BY reason HAVING sum(n) > 0
)
ORDER BY place, reason;
