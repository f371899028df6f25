-- Keeps songs whose past plays exceed a share of the most played song's.

UPDATE stage.songs SET cut = getvariable('cut')
WHERE cut IS NULL AND (SELECT max(past) FROM stage.song_counts) > 0 AND key NOT IN (
    SELECT song FROM stage.song_counts WHERE past > getvariable('bound') * (SELECT max(past) FROM stage.song_counts)
);
