-- Keeps listeners with at most so many past plays of kept songs.

UPDATE stage.listeners SET cut = getvariable('cut')
FROM stage.past_lengths AS past
WHERE past.key = listeners.key AND listeners.cut IS NULL AND past.plays > getvariable('bound');
