-- What of the file could not be used, and what was there twice. A row counts for the first of its faults.

SELECT
    count(*) FILTER (listener IS NULL),
    count(*) FILTER (listener IS NOT NULL AND song IS NULL),
    count(*) FILTER (listener IS NOT NULL AND song IS NOT NULL AND NOT coalesce(isfinite(score), false)),
    count(*) FILTER (listener IS NOT NULL AND song IS NOT NULL AND isfinite(score)) - (SELECT count(*) FROM scores)
FROM joined
