-- How many plays the cuts of songs left each listener, and how many of them are past.

CREATE TABLE stage.listener_counts AS
SELECT p.listener, count(*) AS plays, count(*) FILTER (NOT p.future) AS past
FROM stage.plays AS p JOIN stage.songs AS s ON s.key = p.song AND s.cut IS NULL
GROUP BY p.listener;
