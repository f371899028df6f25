-- A playlist whose every song was cut has nothing left to be.

UPDATE stage.listeners SET cut = getvariable('cut')
WHERE cut IS NULL AND key NOT IN (
    SELECT p.listener FROM stage.plays AS p JOIN stage.songs AS s ON s.key = p.song AND s.cut IS NULL
);
