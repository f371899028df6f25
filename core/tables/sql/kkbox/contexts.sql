-- Where plays come from is one of few: what stands near the start of the file gets a number, three of which make one.

DROP TYPE IF EXISTS stage.behaviours;

DROP TYPE IF EXISTS stage.screens;

DROP TYPE IF EXISTS stage.sources;

CREATE TYPE stage.behaviours AS ENUM (
    SELECT '' UNION ALL (
        SELECT source_system_tab FROM (SELECT source_system_tab FROM cells LIMIT 50000)
        WHERE strlen(source_system_tab) BETWEEN 1 AND 100 GROUP BY ALL LIMIT 999
    )
);

CREATE TYPE stage.screens AS ENUM (
    SELECT '' UNION ALL (
        SELECT source_screen_name FROM (SELECT source_screen_name FROM cells LIMIT 50000)
        WHERE strlen(source_screen_name) BETWEEN 1 AND 100 GROUP BY ALL LIMIT 999
    )
);

CREATE TYPE stage.sources AS ENUM (
    SELECT '' UNION ALL (
        SELECT source_type FROM (SELECT source_type FROM cells LIMIT 50000)
        WHERE strlen(source_type) BETWEEN 1 AND 100 GROUP BY ALL LIMIT 999
    )
);

-- The number of where a play comes from, NULL where it has none.
CREATE OR REPLACE TEMP MACRO context(behaviour, screen, source) AS
    CAST(enum_code(try_cast(coalesce(behaviour, '') AS stage.behaviours)) AS INTEGER) * 1000000
    + CAST(enum_code(try_cast(coalesce(screen, '') AS stage.screens)) AS INTEGER) * 1000
    + CAST(enum_code(try_cast(coalesce(source, '') AS stage.sources)) AS INTEGER);
