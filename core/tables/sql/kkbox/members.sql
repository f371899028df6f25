-- members.csv, a row per listener.

CREATE OR REPLACE TABLE stage.described AS
SELECT
    bare(msno) AS id, try_cast(bd AS INTEGER) AS age, lower(clean(gender)) AS gender, clean(city) AS city,
    clean(registered_via) AS registered_via, day(trimmed(registration_init_time)) AS registered,
    day(trimmed(expiration_date)) AS expires, CASE WHEN NOT usable_id(bare(msno)) THEN as_read(line) END AS text
FROM cells;

SELECT count(*), count(text) FROM stage.described;
