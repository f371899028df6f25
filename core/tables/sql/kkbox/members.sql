-- members.csv, a row per listener.

CREATE TABLE stage.described AS
SELECT
    id_field(parts, 'msno') AS id,
    try_cast(field(parts, 'bd') AS INTEGER) AS age,
    lower(tidy(field(parts, 'gender'), unsettled)) AS gender,
    tidy(field(parts, 'city'), unsettled) AS city,
    tidy(field(parts, 'registered_via'), unsettled) AS registered_via,
    day(trimmed(field(parts, 'registration_init_time'))) AS registered,
    day(trimmed(field(parts, 'expiration_date'))) AS expires,
    CASE WHEN coalesce(id_field(parts, 'msno') <> '' AND (NOT unsettled OR usable_id(id_field(parts, 'msno'))), false) THEN NULL ELSE line END AS text
FROM (SELECT line, fields(line) AS parts, unsettled_line(line) AS unsettled FROM lines(getvariable('path')));
