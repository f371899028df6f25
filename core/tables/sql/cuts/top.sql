-- Keeps songs whose past plays exceed a share of the most played song's.

UPDATE stage.songs SET cut = getvariable('reason')
FROM (
    SELECT s.key, count(p.song) AS plays
    FROM stage.songs AS s LEFT JOIN stage.plays AS p ON p.song = s.key AND NOT p.future
    GROUP BY s.key
) AS counted
WHERE counted.key = songs.key AND songs.cut IS NULL
    AND counted.plays <= getvariable('bound') * (
        SELECT max(plays) FROM (SELECT count(*) AS plays FROM stage.plays WHERE NOT future GROUP BY song)
    );
