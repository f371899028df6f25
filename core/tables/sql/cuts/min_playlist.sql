-- Keeps listeners with at least so many past plays of kept songs.

UPDATE stage.listeners SET cut = getvariable('cut')
WHERE cut IS NULL AND getvariable('bound') > 0
    AND key NOT IN (SELECT listener FROM stage.listener_counts WHERE past >= getvariable('bound'));
