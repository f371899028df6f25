-- Where plays come from is one of few: what stands near the start of the file gets a number, three values one.

CREATE OR REPLACE TABLE stage.known_contexts AS
SELECT CAST(row_number() OVER () AS INTEGER) AS context, behaviour, screen, source
FROM (
    SELECT
        coalesce(source_system_tab, '') AS behaviour, coalesce(source_screen_name, '') AS screen,
        coalesce(source_type, '') AS source
    FROM (SELECT source_system_tab, source_screen_name, source_type FROM cells LIMIT 50000)
    GROUP BY ALL
)
WHERE strlen(behaviour) <= 100 AND strlen(screen) <= 100 AND strlen(source) <= 100
LIMIT 9999;
