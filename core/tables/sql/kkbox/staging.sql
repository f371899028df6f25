-- The tables that the KKBOX files are read into. Songs, titles and members stay empty where their file is missing; the lines
-- of songs and titles are not copied, so what is usable of them is a view.

DROP TABLE stage.song_facts;

CREATE TABLE stage.song_lines (
    id VARCHAR, artists VARCHAR, genres VARCHAR, composers VARCHAR, lyricists VARCHAR, language VARCHAR, length DOUBLE,
    text VARCHAR
);

CREATE TABLE stage.songs_again (id VARCHAR, place BIGINT);

CREATE VIEW stage.song_rows AS
SELECT CAST(d.rowid AS INTEGER) AS key, d.*
FROM stage.song_lines AS d LEFT JOIN stage.songs_again AS a ON a.id = d.id
WHERE d.id IS NOT NULL AND d.text IS NULL AND (a.place IS NULL OR a.place = d.rowid);

CREATE TABLE stage.title_lines (id VARCHAR, title VARCHAR, isrc VARCHAR, text VARCHAR);

CREATE TABLE stage.titles_again (id VARCHAR, place BIGINT);

CREATE VIEW stage.title_rows AS
SELECT d.id, d.title, d.isrc
FROM stage.title_lines AS d LEFT JOIN stage.titles_again AS a ON a.id = d.id
WHERE d.id IS NOT NULL AND d.text IS NULL AND (a.place IS NULL OR a.place = d.rowid);

CREATE TABLE stage.member_rows (
    key INTEGER, row BIGINT, id VARCHAR, age INTEGER, gender VARCHAR, city VARCHAR, registered_via VARCHAR, registered DATE,
    expires DATE
);

-- Both files of plays, line by line.
CREATE TABLE stage.past_lines (
    place INTEGER, listener INTEGER, song INTEGER, context INTEGER, repeated BOOLEAN, text VARCHAR
);

CREATE TABLE stage.future_lines (
    place INTEGER, listener INTEGER, song INTEGER, context INTEGER, repeated BOOLEAN, text VARCHAR
);

-- Plays whose listener or song no file describes.
CREATE TABLE stage.late_lines (
    seq BIGINT, future BOOLEAN, listener VARCHAR, song VARCHAR, behaviour VARCHAR, screen VARCHAR, source VARCHAR,
    repeated BOOLEAN
);
