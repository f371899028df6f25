-- What both formats are brought to before the cuts, the split and the dense numbering. Lives in a database
-- of its own in memory, or where that is short on disk, so that the dataset itself never holds a dropped table. `cut` is why a row is left out; NULL keeps it.

CREATE TABLE stage.songs (
    key       INTEGER NOT NULL,
    row       BIGINT,              -- where the song is described; NULL where it is only played
    id        VARCHAR,             -- tells songs without a row apart, may be NULL for the others
    length_ms INTEGER,
    released  INTEGER,
    cut       UTINYINT
);

-- What else is known of each song, asked for once it is settled which songs stay.
CREATE TABLE stage.song_facts (
    key         INTEGER NOT NULL,
    id          VARCHAR NOT NULL,
    title       VARCHAR,
    artists     VARCHAR[] NOT NULL,
    album       VARCHAR,
    genres      VARCHAR[] NOT NULL,
    genre_names VARCHAR[] NOT NULL,
    composers   VARCHAR[] NOT NULL,
    lyricists   VARCHAR[] NOT NULL,
    language    VARCHAR,
    country     VARCHAR
);

CREATE TABLE stage.listeners (
    key            INTEGER NOT NULL,
    id             VARCHAR NOT NULL,
    row            BIGINT,
    age            INTEGER,
    gender         VARCHAR,
    city           VARCHAR,
    registered_via VARCHAR,
    registered     DATE,
    expires        DATE,
    title          VARCHAR,
    tags           VARCHAR[] NOT NULL,
    likes          INTEGER,
    updated        TIMESTAMP,
    cut            UTINYINT
);

-- `seq` orders a listener's plays, oldest first; `future` marks the plays of a file that is the test set.
CREATE TABLE stage.plays (
    seq      BIGINT NOT NULL,
    listener INTEGER NOT NULL,
    song     INTEGER NOT NULL,
    context  INTEGER,
    repeated BOOLEAN,
    future   BOOLEAN NOT NULL
);

-- Where plays came from, all that is known of it under one number.
CREATE TABLE stage.contexts (context INTEGER NOT NULL, behaviour VARCHAR, screen VARCHAR, source VARCHAR);

CREATE TABLE stage.cuts (cut UTINYINT NOT NULL, reason VARCHAR NOT NULL);

CREATE TABLE stage.counts (reason VARCHAR NOT NULL, n BIGINT NOT NULL);
