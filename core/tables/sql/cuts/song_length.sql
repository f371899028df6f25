-- Keeps songs known to last no longer than the bound, in seconds.

UPDATE stage.songs SET cut = getvariable('cut')
WHERE cut IS NULL AND coalesce(length_ms > getvariable('bound') * 1000, true);
