-- A playlist whose every song was cut has nothing left to be.

UPDATE stage.listeners SET cut = getvariable('cut')
WHERE cut IS NULL AND key NOT IN (SELECT listener FROM stage.listener_counts);
