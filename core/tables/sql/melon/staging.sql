-- The tables that the Melon files are read into; described songs and genre names stay empty where their file is missing.

CREATE TABLE stage.playlists (
    file VARCHAR, row BIGINT, id VARCHAR, title VARCHAR, tags VARCHAR[], songs VARCHAR[], likes INTEGER, updated TIMESTAMP,
    text VARCHAR
);

CREATE TABLE stage.song_records (
    row BIGINT, id VARCHAR, title VARCHAR, artists VARCHAR[], album VARCHAR, genres VARCHAR[], released INTEGER
);

CREATE TABLE stage.genre_names (code VARCHAR, name VARCHAR);

CREATE TEMP MACRO usable_id(id) AS id <> '' AND NOT strange(id);

CREATE TEMP MACRO texts(list) AS clean_list(coalesce(try_cast(list AS VARCHAR[]), []));
