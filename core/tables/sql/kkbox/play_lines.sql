-- One file of plays. A line with an id that is not described, or with what cannot be told by numbers, is kept as it stands,
-- for the next script. Joins keep no order, so every line has its place. Subqueries, since plays are to stream past what is
-- described, whatever is guessed of their number.

CREATE OR REPLACE TABLE stage.read_lines AS
SELECT
    * EXCLUDE (line), CASE WHEN listener IS NULL OR song IS NULL OR context IS NULL THEN as_read(line) END AS text
FROM (
    SELECT
        c.place, (SELECT m.key FROM stage.member_rows AS m WHERE m.id = c.listener) AS listener,
        (SELECT s.key FROM stage.song_rows AS s WHERE s.id = c.song) AS song,
        (
            SELECT k.context FROM stage.known_contexts AS k
            WHERE k.behaviour = c.behaviour AND k.screen = c.screen AND k.source = c.source
        ) AS context,
        c.repeated, c.line
    FROM (
        SELECT
            CAST(place AS INTEGER) AS place, bare(msno) AS listener, bare(song_id) AS song,
            coalesce(source_system_tab, '') AS behaviour, coalesce(source_screen_name, '') AS screen,
            coalesce(source_type, '') AS source, repetition(target) AS repeated, line
        FROM placed_cells
    ) AS c
);

SELECT count(*), count(text) FROM stage.read_lines;
