-- The tables that the KKBOX files are read into; songs, titles and members stay empty where their file is missing.

CREATE TABLE stage.song_rows (
    row BIGINT, id VARCHAR, artists VARCHAR[], genres VARCHAR[], composers VARCHAR[], lyricists VARCHAR[], language VARCHAR,
    length_ms INTEGER
);

CREATE TABLE stage.title_rows (id VARCHAR, title VARCHAR, isrc VARCHAR);

CREATE TABLE stage.member_rows (
    row BIGINT, id VARCHAR, age INTEGER, gender VARCHAR, city VARCHAR, registered_via VARCHAR, registered DATE, expires DATE
);

-- Both files of plays, line by line, train.csv first: row ids are the order of the lines.
CREATE TABLE stage.play_lines (
    future BOOLEAN, listener VARCHAR, song VARCHAR, behaviour VARCHAR, screen VARCHAR, source VARCHAR, repeated BOOLEAN,
    text VARCHAR
);
