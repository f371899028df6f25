-- genre_gn_all.json: {code: name}. A name that several codes bear ("'90") is told apart by the genre above it (GN0103 is
-- of GN0100).

CREATE TABLE stage.genre_lines AS
SELECT trim(entry.key) AS code, clean(entry.value) AS name
FROM (
    SELECT unnest(map_entries(CAST(json AS MAP(VARCHAR, VARCHAR)))) AS entry
    FROM read_json_objects(getvariable('path'), format = 'unstructured')
);

INSERT INTO stage.genre_names
SELECT
    g.code,
    CASE
        WHEN g.name IN (SELECT name FROM stage.genre_lines GROUP BY name HAVING count(*) > 1) AND above.code <> g.code
        THEN above.name || ' · ' || g.name
        ELSE g.name
    END
FROM stage.genre_lines AS g
LEFT JOIN stage.genre_lines AS above ON above.code = regexp_replace(g.code, '\d\d$', '00')
WHERE g.name IS NOT NULL;

SELECT count(*) FROM stage.genre_lines;
