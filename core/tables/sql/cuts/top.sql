-- Keeps songs whose past plays exceed a share of the most played song's.

CREATE TABLE stage.past_counts AS SELECT song, count(*) AS plays FROM stage.plays WHERE NOT future GROUP BY song;

UPDATE stage.songs SET cut = getvariable('cut')
WHERE cut IS NULL AND (SELECT count(*) FROM stage.past_counts) > 0 AND key NOT IN (
    SELECT song FROM stage.past_counts WHERE plays > getvariable('bound') * (SELECT max(plays) FROM stage.past_counts)
);
