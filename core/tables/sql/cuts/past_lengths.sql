-- How many past plays the cuts of songs left each listener.

CREATE TABLE stage.past_lengths AS
SELECT l.key, count(s.key) AS plays
FROM stage.listeners AS l
LEFT JOIN stage.plays AS p ON p.listener = l.key AND NOT p.future
LEFT JOIN stage.songs AS s ON s.key = p.song AND s.cut IS NULL
GROUP BY l.key;
