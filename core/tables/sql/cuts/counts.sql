-- What the cuts left out, by reason. A play goes with its song before it goes with its listener.

INSERT INTO stage.counts
SELECT counted.what || ' by ' || c.reason, counted.n
FROM (
    SELECT 'left out: songs' AS what, cut, count(*) AS n FROM stage.songs GROUP BY cut
    UNION ALL
    SELECT 'left out: listeners', cut, count(*) FROM stage.listeners GROUP BY cut
    UNION ALL
    SELECT 'left out: plays', s.cut, sum(p.plays)
    FROM stage.song_counts AS p JOIN stage.songs AS s ON s.key = p.song
    GROUP BY s.cut
    UNION ALL
    SELECT 'left out: plays', l.cut, sum(p.plays)
    FROM stage.listener_counts AS p JOIN stage.listeners AS l ON l.key = p.listener
    GROUP BY l.cut
) AS counted
JOIN stage.cuts AS c ON c.cut = counted.cut;
