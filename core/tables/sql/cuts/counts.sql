-- What the cuts left out, by reason.

INSERT INTO stage.counts
SELECT 'left out: songs by ' || cut, count(*) FROM stage.songs WHERE cut IS NOT NULL GROUP BY cut
UNION ALL
SELECT 'left out: listeners by ' || cut, count(*) FROM stage.listeners WHERE cut IS NOT NULL GROUP BY cut
UNION ALL
SELECT
    'left out: plays by ' || coalesce(s.cut, l.cut), count(*)
FROM stage.plays AS p JOIN stage.songs AS s ON s.key = p.song JOIN stage.listeners AS l ON l.key = p.listener
WHERE s.cut IS NOT NULL OR l.cut IS NOT NULL
GROUP BY coalesce(s.cut, l.cut);
