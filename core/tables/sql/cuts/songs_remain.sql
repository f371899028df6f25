-- Played songs that no cut so far has taken.

SELECT count(*) FROM stage.song_counts AS c JOIN stage.songs AS s ON s.key = c.song AND s.cut IS NULL;
