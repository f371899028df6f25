-- Keeps songs with at least so many listeners in the past.

UPDATE stage.songs SET cut = getvariable('cut')
FROM (
    SELECT s.key, count(DISTINCT p.listener) AS listeners
    FROM stage.songs AS s LEFT JOIN stage.plays AS p ON p.song = s.key AND NOT p.future
    GROUP BY s.key
) AS counted
WHERE counted.key = songs.key AND songs.cut IS NULL AND counted.listeners < getvariable('bound');
