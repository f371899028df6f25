-- How many plays every song has, and how many of them are past.

CREATE TABLE stage.song_counts AS
SELECT song, count(*) AS plays, count(*) FILTER (NOT future) AS past FROM stage.plays GROUP BY song;
