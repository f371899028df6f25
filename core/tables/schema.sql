-- The tables of every dataset, whatever its format. A dataset never changes once it is complete.

CREATE TYPE split AS ENUM ('train', 'validation', 'test');

-- One row: what the dataset is and where it came from.
CREATE TABLE dataset (
    name        VARCHAR NOT NULL,
    format      VARCHAR NOT NULL,      -- kkbox | melon
    version     INTEGER NOT NULL,      -- of this schema
    fingerprint VARCHAR NOT NULL,      -- of the contents: the same files with the same options give the same
    created     TIMESTAMP NOT NULL,
    split       VARCHAR NOT NULL,      -- files | latest-issue | last: how plays were held out
    sources     STRUCT(file VARCHAR, bytes BIGINT, rows BIGINT)[] NOT NULL,
    options     VARCHAR NOT NULL,      -- JSON
    counts      VARCHAR NOT NULL       -- JSON: kept and left out, by reason
);

-- Dense by falling training plays, then first appearance; songs that nobody played come last.
CREATE TABLE songs (
    song        INTEGER NOT NULL,
    id          VARCHAR NOT NULL,
    title       VARCHAR,
    artists     VARCHAR[] NOT NULL,
    album       VARCHAR,
    genres      VARCHAR[] NOT NULL,    -- codes
    genre_names VARCHAR[] NOT NULL,    -- parallel to genres; the code where no name is known
    composers   VARCHAR[] NOT NULL,
    lyricists   VARCHAR[] NOT NULL,
    language    VARCHAR,
    country     VARCHAR,               -- of the ISRC
    length_ms   INTEGER,
    released    INTEGER,               -- yyyymmdd, 0 for parts that are not known (20110000)
    plays       INTEGER NOT NULL,      -- training plays alone: held-out plays must not show
    search      VARCHAR NOT NULL       -- folded title, artists, album and id
);

-- Dense by falling plays, then first appearance.
CREATE TABLE listeners (
    listener       INTEGER NOT NULL,
    id             VARCHAR NOT NULL,
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
    plays          INTEGER NOT NULL,   -- of all splits
    search         VARCHAR NOT NULL
);

-- Sorted by listener and position; position counts from 0, oldest play first.
CREATE TABLE plays (
    listener  INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    song      INTEGER NOT NULL,
    behaviour VARCHAR,
    screen    VARCHAR,
    source    VARCHAR,
    repeated  BOOLEAN,
    split     split NOT NULL
);

-- Every line of a source file that could not be used.
CREATE TABLE rejects (
    file     VARCHAR NOT NULL,
    line     BIGINT,
    "column" VARCHAR,
    reason   VARCHAR NOT NULL,
    text     VARCHAR
);
