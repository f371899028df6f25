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
    row BIGINT, id VARCHAR, age INTEGER, gender VARCHAR, city VARCHAR, registered_via VARCHAR, registered DATE, expires DATE
);

-- Both files of plays, line by line, train.csv first: row ids are the order of the lines. Ids of 44 letters are many times
-- what their hashes are: the text of each stands once in `played`, where hashes are shown to tell all of them apart.
CREATE TABLE stage.play_lines (
    future BOOLEAN, listener UBIGINT, song UBIGINT, behaviour VARCHAR, screen VARCHAR, source VARCHAR, repeated BOOLEAN,
    text VARCHAR
);

CREATE TABLE stage.played (listener VARCHAR, song VARCHAR);
