UPDATE stage.listeners SET cut = getvariable('reason')
WHERE cut IS NULL AND coalesce(age > getvariable('bound'), true);
