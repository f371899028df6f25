-- Keeps listeners with at most so many past plays of kept songs.

UPDATE stage.listeners SET cut = getvariable('cut')
WHERE cut IS NULL AND key IN (SELECT listener FROM stage.listener_counts WHERE past > getvariable('bound'));
