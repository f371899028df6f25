-- The tables that the KKBOX files are read into; songs, titles and members stay empty where their file is missing.

CREATE TABLE stage.song_rows (
    row BIGINT, id VARCHAR, artists VARCHAR[], genres VARCHAR[], composers VARCHAR[], lyricists VARCHAR[], language VARCHAR,
    length_ms INTEGER
);

CREATE TABLE stage.title_rows (id VARCHAR, title VARCHAR, isrc VARCHAR);

CREATE TABLE stage.member_rows (
    row BIGINT, id VARCHAR, age INTEGER, gender VARCHAR, city VARCHAR, registered_via VARCHAR, registered DATE, expires DATE
);

CREATE TABLE stage.played_songs (id VARCHAR);

CREATE TABLE stage.players (id VARCHAR);
