-- One file of plays. A line with an id that is not described, or with what cannot be told by numbers, is kept as it stands,
-- for the next script. Joins keep no order, so every line has its place. Subqueries, since plays are to stream past what is
-- described, whatever is guessed of their number. They are soon read and gone: compressing them takes longer.

PRAGMA force_compression = 'uncompressed';

CREATE OR REPLACE TABLE stage.read_lines AS
SELECT * EXCLUDE (line), CASE WHEN listener IS NULL OR song IS NULL OR context IS NULL THEN line END AS text
FROM (
    SELECT
        c.place, (SELECT m.key FROM stage.member_rows AS m WHERE m.id = c.listener) AS listener,
        (SELECT s.key FROM stage.song_rows AS s WHERE s.id = c.song) AS song, c.context, c.repeated, c.line
    FROM (
        SELECT
            CAST(row_number() OVER () - 1 AS INTEGER) AS place, bare(msno) AS listener, bare(song_id) AS song,
            context(source_system_tab, source_screen_name, source_type) AS context, repetition(target) AS repeated, line
        FROM cells
    ) AS c
);

PRAGMA force_compression = 'auto';

SELECT count(*), count(text) FROM stage.read_lines;
