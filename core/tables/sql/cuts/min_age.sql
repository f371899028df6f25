UPDATE stage.listeners SET cut = getvariable('cut')
WHERE cut IS NULL AND coalesce(age < getvariable('bound'), true);
